/**
 * The one place that decides what a viewer may see. Each rule is a SQL condition, so that it filters whole batches and
 * pages inside the statement that reads them: a page is full, and what is hidden looks like what does not exist.
 *
 * It stands first in the line of modules because all of them read through it; it reads the tables of accounts,
 * relationships, posts, messaging and privacy, and owns none.
 */
import { identifier, type Statement, sql } from '../../platform/postgres/sql';

/** An alias of a table in the statement around a rule. */
type Alias = string;

/**
 * Whose rights count: a viewer, nobody signed in, or, to ask for many viewers at once, a column that holds the id of
 * one, or NULL for nobody. Of NULL a rule may be NULL where it would be false.
 */
export type MaybeViewer = { readonly userId: string | Statement } | null;

/**
 * A person's profile may be opened: the account exists and has not blocked the viewer. A person whom the viewer
 * blocked stays reachable, so that the block can be seen and lifted.
 */
export function userIsReachable(user: Alias, viewer: MaybeViewer): Statement {
  const u = identifier(user);
  if (!viewer) return sql`${u}.deleted_at IS NULL`;
  return sql`(${u}.deleted_at IS NULL AND NOT EXISTS (
    SELECT FROM blocks WHERE blocker_id = ${u}.id AND blocked_id = ${viewer.userId}))`;
}

/** A person may stand in lists, and what they wrote may be shown: the account exists and no block stands either way. */
export function userIsListed(user: Alias, viewer: MaybeViewer): Statement {
  if (!viewer) return userIsReachable(user, viewer);
  const u = identifier(user);
  return sql`(${userIsReachable(user, viewer)} AND NOT EXISTS (
    SELECT FROM blocks WHERE blocker_id = ${viewer.userId} AND blocked_id = ${u}.id))`;
}

/** The viewer is the person, or follows them with their consent. */
export function viewerFollows(user: Alias, viewer: MaybeViewer): Statement {
  if (!viewer) return sql`FALSE`;
  const u = identifier(user);
  return sql`(${u}.id = ${viewer.userId} OR EXISTS (
    SELECT FROM follows WHERE follower_id = ${viewer.userId} AND followee_id = ${u}.id AND state = 'accepted'))`;
}

/** What a private account keeps for accepted followers, its posts and its lists of people, is open to the viewer. */
export function accountIsOpen(user: Alias, viewer: MaybeViewer): Statement {
  return sql`(NOT ${identifier(user)}.private OR ${viewerFollows(user, viewer)})`;
}

/** A post may be shown; `author` is the alias of its author's row in `users`. */
export function postIsVisible(post: Alias, author: Alias, viewer: MaybeViewer): Statement {
  const p = identifier(post);
  const a = identifier(author);
  const byOthers = sql`${userIsListed(author, viewer)} AND (
    ${p}.audience = 'PUBLIC' AND NOT ${a}.private
    OR ${p}.audience <> 'PRIVATE' AND ${viewerFollows(author, viewer)})`;
  if (!viewer) return sql`(${p}.deleted_at IS NULL AND ${byOthers})`;
  return sql`(${p}.deleted_at IS NULL AND (
    ${a}.id = ${viewer.userId} AND ${a}.deleted_at IS NULL OR ${byOthers}))`;
}

/** A comment may be shown on a post that may be; `author` is the alias of the comment's author in `users`. */
export function commentIsVisible(comment: Alias, author: Alias, viewer: MaybeViewer): Statement {
  return sql`(${identifier(comment)}.deleted_at IS NULL AND ${userIsListed(author, viewer)})`;
}

/**
 * The ids of everybody whom the lists leave out and the counters still count, as a table: those with whom a block stands
 * either way, and those whose account is deleted and whose traces are being removed. Counts subtract these few instead
 * of counting everybody. As an array they are read once in a statement, however many rows count with them.
 */
export function hiddenPeople(viewer: MaybeViewer): Statement {
  if (!viewer) return sql`unnest(ARRAY(SELECT user_id FROM account_purges))`;
  return sql`unnest(ARRAY(SELECT blocked_id FROM blocks WHERE blocker_id = ${viewer.userId}
    UNION SELECT blocker_id FROM blocks WHERE blocked_id = ${viewer.userId}
    UNION SELECT user_id FROM account_purges))`;
}

/** Whether anybody is hidden from the viewer: where nobody is, counts are the same as for everybody. */
export function hidesAnybody(viewer: MaybeViewer): Statement {
  return sql`EXISTS (SELECT FROM ${hiddenPeople(viewer)} AS hidden)`;
}

/**
 * A conversation exists for its present members alone, and that of two people for neither of them while a block stands
 * between the two.
 */
export function conversationIsVisible(conversation: Alias, viewer: MaybeViewer): Statement {
  if (!viewer) return sql`FALSE`;
  const c = identifier(conversation);
  return sql`(EXISTS (
    SELECT FROM conversation_members present
    WHERE present.conversation_id = ${c}.id AND present.user_id = ${viewer.userId}
      AND present.state IN ('active', 'requested')
  ) AND (${c}.kind <> 'direct' OR NOT EXISTS (
    SELECT FROM conversation_members opposite
    WHERE opposite.conversation_id = ${c}.id AND opposite.user_id <> ${viewer.userId} AND (
      EXISTS (SELECT FROM blocks WHERE blocker_id = opposite.user_id AND blocked_id = ${viewer.userId})
      OR EXISTS (SELECT FROM blocks WHERE blocker_id = ${viewer.userId} AND blocked_id = opposite.user_id)))))`;
}

/**
 * A message may be shown in a conversation that may be: it was sent while the viewer was a member, by somebody who is
 * not hidden. A deleted one is shown as such. `sender` is the alias of its sender in `users`.
 */
export function messageIsVisible(message: Alias, sender: Alias, viewer: MaybeViewer): Statement {
  if (!viewer) return sql`FALSE`;
  const m = identifier(message);
  return sql`(${userIsListed(sender, viewer)} AND EXISTS (
    SELECT FROM membership_intervals during
    WHERE during.conversation_id = ${m}.conversation_id AND during.user_id = ${viewer.userId}
      AND during.from_seq < ${m}.seq AND (during.until_seq IS NULL OR during.until_seq >= ${m}.seq)))`;
}
