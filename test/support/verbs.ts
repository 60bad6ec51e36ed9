import type { Person, TestApp } from './app';

/** What people do, one call each, through the public API. All but `mutate` fail the test when they are refused. */

/** Every payload shows these, so that a refusal can be read whichever mutation it came from. */
const COMMON = `replayed clientMutationId userErrors {
  __typename code message path ... on ConflictError { currentVersion current { __typename id } } ... on RateLimitedError { retryAfterMs }
}`;

/** Those of the conversations; their part of the change log has a test file of its own. */
export const MESSAGING_MUTATIONS = [
  'startConversation',
  'updateConversation',
  'addParticipants',
  'leaveConversation',
  'answerMessageRequest',
  'markRead',
  'sendMessage',
  'updateMessage',
  'setTyping',
] as const;
export type MessagingMutation = (typeof MESSAGING_MUTATIONS)[number];

/** Those of passwords and addresses, which are no part of what others see. */
export const PASSWORD_MUTATIONS = [
  'changePassword',
  'changeEmail',
  'requestEmailVerification',
  'verifyEmail',
  'requestPasswordReset',
  'resetPassword',
] as const;
export type PasswordMutation = (typeof PASSWORD_MUTATIONS)[number];

export type MutationName =
  | 'signOut'
  | 'signOutEverywhere'
  | 'revokeSession'
  | 'revokeOtherSessions'
  | 'registerDevice'
  | 'createPost'
  | 'updatePost'
  | 'deleteNode'
  | 'addComment'
  | 'updateComment'
  | 'setPostLiked'
  | 'setRelationship'
  | 'answerFollowRequest'
  | 'updateProfile'
  | MessagingMutation
  | PasswordMutation;

/** Runs one mutation and answers its payload, refused or not. */
export async function mutate(app: TestApp, as: Person | null, name: MutationName, input: object, selection = '') {
  const data = await app.ok(documentOf(name, selection), { input }, as);
  return data[name];
}

/** The document that `mutate` sends. */
export function documentOf(name: MutationName, selection = ''): string {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  return `mutation ${name}($input: ${type}!) { ${name}(input: $input) { ${COMMON} ${selection} } }`;
}

export interface PostFields {
  readonly id?: string;
  readonly audience?: 'PUBLIC' | 'FOLLOWERS' | 'PRIVATE';
}

/** Publishes a post; answers its id. */
export async function publish(app: TestApp, author: Person, text = 'Hello', fields: PostFields = {}): Promise<string> {
  const payload = await done(app, author, 'createPost', { text, ...fields }, 'postEdge { node { id } }');
  return payload.postEdge.node.id;
}

/** Writes under a post; answers the comment's id and its cursor in the list OLDEST. */
export async function comment(
  app: TestApp,
  author: Person,
  postId: string,
  text = 'Well said',
  id?: string,
): Promise<{ id: string; cursor: string }> {
  const input = { postId, text, ...(id && { id }) };
  const { commentEdge } = await done(app, author, 'addComment', input, 'commentEdge { cursor node { id } }');
  return { id: commentEdge.node.id, cursor: commentEdge.cursor };
}

export async function like(app: TestApp, viewer: Person, postId: string, liked = true): Promise<void> {
  await done(app, viewer, 'setPostLiked', { postId, liked });
}

export interface RelationshipFields {
  readonly following?: boolean;
  readonly blocking?: boolean;
  readonly muting?: boolean;
}

export async function relate(app: TestApp, viewer: Person, other: Person, change: RelationshipFields): Promise<void> {
  await done(app, viewer, 'setRelationship', { userId: other.id, ...change });
}

export async function remove(app: TestApp, as: Person, id: string): Promise<void> {
  await done(app, as, 'deleteNode', { id });
}

/** People with the handles given, made at once. */
export function people<Handle extends string>(app: TestApp, ...handles: Handle[]): Promise<Record<Handle, Person>> {
  const made = handles.map(async (handle) => [handle, await app.person(handle)] as const);
  return Promise.all(made).then((entries) => Object.fromEntries(entries) as Record<Handle, Person>);
}

/** So many people, named by a prefix and a number. */
export function crowd(app: TestApp, prefix: string, size: number): Promise<Person[]> {
  return Promise.all(Array.from({ length: size }, (_, i) => app.person(`${prefix}${i}`)));
}

async function done(app: TestApp, as: Person, name: MutationName, input: object, selection = '') {
  const payload = await mutate(app, as, name, input, selection);
  if (payload.userErrors.length > 0) throw new Error(`${name} was refused: ${JSON.stringify(payload.userErrors)}`);
  return payload;
}
