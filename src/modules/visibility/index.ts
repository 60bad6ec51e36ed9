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
export type MaybeViewer = {
  readonly userId: string | Statement;
  /** The ids of everybody hidden from the viewer, where the statement around a rule has them at hand. */
  readonly hidden?: Statement;
} | null;

/**
 * A statement that reads once who is hidden from the viewer, for all of its rules and counts: `write` is given the viewer
 * to ask them for.
 */
export function knowingHidden<V extends { readonly userId: string } | null>(
  viewer: V,
  write: (viewer: V) => Statement,
): Statement {
  if (!viewer) return write(viewer);
  const hidden = sql`(SELECT ids FROM hidden_people)::uuid[]`;
  return sql`WITH hidden_people AS MATERIALIZED (SELECT ${hiddenPeople(viewer)} AS ids) ${write({ ...viewer, hidden })}`;
}

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
  if (viewer.hidden) return sql`(${u}.deleted_at IS NULL AND ${u}.id <> ALL(${viewer.hidden}))`;
  return sql`(${userIsReachable(user, viewer)} AND NOT EXISTS (
    SELECT FROM blocks WHERE blocker_id = ${viewer.userId} AND blocked_id = ${u}.id))`;
}

/** The viewer is the person, or follows them with their consent. */
export function viewerFollows(user: Alias, viewer: MaybeViewer): Statement {
  if (!viewer) return sql`FALSE`;
  const u = identifier(user);
  return sql`(${u}.id = ${viewer.userId} OR ${hasConsent(user, viewer)})`;
}

/** OFFSET 0 keeps it one look-up: as a join, PostgreSQL may read all followers of a person, or all whom the viewer follows. */
function hasConsent(user: Alias, viewer: NonNullable<MaybeViewer>): Statement {
  return sql`EXISTS (
    SELECT FROM follows
    WHERE follower_id = ${viewer.userId} AND followee_id = ${identifier(user)}.id AND state = 'accepted' OFFSET 0)`;
}

/** What a private account keeps for accepted followers, its posts and its lists of people, is open to the viewer. */
export function accountIsOpen(user: Alias, viewer: MaybeViewer): Statement {
  return sql`(NOT ${identifier(user)}.private OR ${viewerFollows(user, viewer)})`;
}

/** A post may be shown; `author` is the alias of its author's row in `users`. */
export function postIsVisible(post: Alias, author: Alias, viewer: MaybeViewer): Statement {
  const p = identifier(post);
  const a = identifier(author);
  const isOpen = sql`${p}.audience = 'PUBLIC' AND NOT ${a}.private`;
  if (!viewer) return sql`(${p}.deleted_at IS NULL AND ${userIsListed(author, viewer)} AND ${isOpen})`;
  // As a CASE it is asked once: of an OR, PostgreSQL asks what concerns the author alone a second time beforehand.
  return sql`(${ownPostIsVisible(post, author)} AND CASE
    WHEN ${a}.id = ${viewer.userId} THEN TRUE
    WHEN ${userIsListed(author, viewer)} THEN ${isOpen} OR ${p}.audience <> 'PRIVATE' AND ${hasConsent(author, viewer)}
    ELSE FALSE END)`;
}

/** `postIsVisible` for a post that the viewer wrote. */
export function ownPostIsVisible(post: Alias, author: Alias): Statement {
  return sql`${identifier(post)}.deleted_at IS NULL AND ${identifier(author)}.deleted_at IS NULL`;
}

/** `postIsVisible` for a post of somebody whom the viewer follows with their consent. */
export function followedPostIsVisible(post: Alias, author: Alias, viewer: MaybeViewer): Statement {
  const p = identifier(post);
  return sql`(${p}.deleted_at IS NULL AND ${p}.audience <> 'PRIVATE' AND ${userIsListed(author, viewer)})`;
}

/** A comment may be shown on a post that may be; `author` is the alias of the comment's author in `users`. */
export function commentIsVisible(comment: Alias, author: Alias, viewer: MaybeViewer): Statement {
  return sql`(${identifier(comment)}.deleted_at IS NULL AND ${userIsListed(author, viewer)})`;
}

/**
 * The ids of everybody whom the lists leave out and the counters still count, each once, as an array: those with whom a
 * block stands either way, and those whose account is deleted and whose traces are being removed.
 */
function hiddenPeople(viewer: MaybeViewer): Statement {
  if (!viewer) return sql`ARRAY(SELECT user_id FROM account_purges)`;
  if (viewer.hidden) return viewer.hidden;
  return sql`ARRAY(SELECT blocked_id FROM blocks WHERE blocker_id = ${viewer.userId}
    UNION SELECT blocker_id FROM blocks WHERE blocked_id = ${viewer.userId}
    UNION SELECT user_id FROM account_purges)`;
}

/** Whether anybody is hidden from the viewer: where nobody is, counts are the same as for everybody. */
export function hidesAnybody(viewer: MaybeViewer): Statement {
  return sql`(${hiddenPeople(viewer)} <> '{}')`;
}

/**
 * What a counter counts too much for the viewer, which is subtracted instead of counting everybody else. `rows` is a query
 * for what one person adds to it, whose id stands in a column.
 */
export function countHidden(viewer: MaybeViewer, rows: (personId: Statement) => Statement): Statement {
  // One look-up per person: as a condition on the counted rows, PostgreSQL may read all of them.
  const counted = sql`(
    SELECT count(*) FROM unnest(${hiddenPeople(viewer)}) AS hidden (id)
    CROSS JOIN LATERAL (${rows(identifier('hidden.id'))} OFFSET 0) found)`;
  return viewer?.hidden ? sql`CASE WHEN ${hidesAnybody(viewer)} THEN ${counted} ELSE 0 END` : counted;
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
