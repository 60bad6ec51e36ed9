/**
 * The one place that decides what a viewer may see. Each rule is a SQL condition, so that it filters whole batches and
 * pages inside the statement that reads them: a page is full, and what is hidden looks like what does not exist.
 *
 * It stands first in the line of modules because all of them read through it; it reads the tables of accounts,
 * relationships, posts, messaging and privacy, and owns none.
 */
import { identifier, raw, type Statement, sql } from '../../platform/postgres/sql';

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
  /** The statement around a rule asks it of one row, or none. */
  readonly ofOneRow?: boolean;
} | null;

/**
 * A statement that reads once who is hidden from the viewer, for all of its rules and counts: `write` is given the viewer
 * to ask them for.
 * @param rows how many rows of the statement the rules are asked of.
 */
export function knowingHidden<V extends { readonly userId: string } | null>(
  viewer: V,
  rows: 'one' | 'many',
  write: (viewer: V) => Statement,
): Statement {
  if (!viewer) return write(viewer);
  // Nearly always there is nobody: a UNION would make a hash table ready each time, for ids that seldom stand twice.
  const ids = sql`COALESCE(each_once(NULLIF(ARRAY(${allHidden(viewer, sql`UNION ALL`)}), '{}')), '{}')`;
  const hidden = sql`(SELECT ids FROM hidden_people)::uuid[]`;
  const known = { ...viewer, hidden, ofOneRow: rows === 'one' };
  return sql`WITH hidden_people AS MATERIALIZED (SELECT ${ids} AS ids) ${write(known)}`;
}

/**
 * A person's profile may be opened: the account exists and has not blocked the viewer. A person whom the viewer
 * blocked stays reachable, so that the block can be seen and lifted.
 */
export function userIsReachable(user: Alias, viewer: MaybeViewer): Statement {
  const u = identifier(user);
  if (!viewer) return sql`${u}.deleted_at IS NULL`;
  if (viewer.hidden) {
    return sql`(${u}.deleted_at IS NULL
      AND (${u}.id <> ALL(${viewer.hidden}) OR NOT has_blocked(${u}.id, ${viewer.userId})))`;
  }
  return sql`(${u}.deleted_at IS NULL AND NOT EXISTS (
    SELECT FROM blocks WHERE blocker_id = ${u}.id AND blocked_id = ${viewer.userId}))`;
}

/** The viewer has blocked the person. */
export function viewerBlocks(user: Alias, viewer: NonNullable<MaybeViewer>): Statement {
  const u = identifier(user);
  if (viewer.hidden) return sql`(${u}.id = ANY(${viewer.hidden}) AND has_blocked(${viewer.userId}, ${u}.id))`;
  return sql`EXISTS (SELECT FROM blocks WHERE blocker_id = ${viewer.userId} AND blocked_id = ${u}.id)`;
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
  return viewer.hidden ?? sql`ARRAY(${allHidden(viewer, sql`UNION`)})`;
}

function allHidden({ userId }: NonNullable<MaybeViewer>, union: Statement): Statement {
  return sql`SELECT blocked_id FROM blocks WHERE blocker_id = ${userId}
    ${union} SELECT blocker_id FROM blocks WHERE blocked_id = ${userId}
    ${union} SELECT user_id FROM account_purges`;
}

/** Whether anybody is hidden from the viewer: where nobody is, counts are the same as for everybody. */
export function hidesAnybody(viewer: MaybeViewer): Statement {
  return sql`(${hiddenPeople(viewer)} <> '{}')`;
}

/**
 * The ids of everybody hidden from the viewer, as an array; NULL for nobody. A row of anybody else that may be listed for
 * nobody in particular may be listed for the viewer: by that it is known whether what is kept for all is right for them.
 */
export function hiddenFrom(viewer: MaybeViewer): Statement {
  return sql`NULLIF(${hiddenPeople(viewer)}, '{}')`;
}

/** A query for what one person adds to a counter, by the id of whose counter it is and the id of the person. */
type Counted = (owner: Statement, person: Statement) => Statement;

/** What counters count of people: of a post its comments and likes, of a person the followers and the followed. */
const COUNTED = {
  comments: (post, person) =>
    sql`SELECT FROM comments c WHERE c.post_id = ${post} AND c.author_id = ${person} AND c.deleted_at IS NULL`,
  likes: (post, person) => sql`SELECT FROM likes l WHERE l.post_id = ${post} AND l.user_id = ${person}`,
  followers: (user, person) =>
    sql`SELECT FROM follows WHERE followee_id = ${user} AND follower_id = ${person} AND state = 'accepted'`,
  followed: (user, person) =>
    sql`SELECT FROM follows WHERE follower_id = ${user} AND followee_id = ${person} AND state = 'accepted'`,
} satisfies Record<string, Counted>;

/**
 * What a counter counts too much for the viewer, which is subtracted instead of counting everybody else. The id of the
 * post, or the person, whose counter it is stands in a column, `owner`.
 */
export function countHidden(viewer: MaybeViewer, counter: keyof typeof COUNTED, owner: Statement): Statement {
  // For one row, what nearly nobody needs is cheaper as a function, which is made ready when it is called; for the rows
  // of a page, calling it would cost those who do need it more than the others save.
  if (viewer?.hidden && viewer.ofOneRow) {
    return sql`COALESCE(${raw(`hidden_${counter}`)}(${owner}, ${hiddenFrom(viewer)}), 0)`;
  }
  // One look-up per person: as a condition on the counted rows, PostgreSQL may read all of them.
  const counted = sql`(
    SELECT count(*) FROM unnest(${hiddenPeople(viewer)}) AS hidden (id)
    CROSS JOIN LATERAL (${COUNTED[counter](owner, identifier('hidden.id'))} OFFSET 0) found)`;
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
      AND present.state IN ('active', 'requested') OFFSET 0
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
