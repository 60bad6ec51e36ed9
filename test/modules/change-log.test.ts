import { hkdfSync } from 'node:crypto';
import { StreamCursors } from '../../src/graphql/stream-cursor';
import { CursorCodec } from '../../src/kernel/cursor';
import { startTestApp, TEST_SECRET, type TestApp } from '../support/app';
import { appendedBy, namesOf, readLog, sentences } from '../support/change-log';
import { type Cast, makeCast, type Who } from '../support/change-log-cast';
import { PASSKEY_DOCUMENTS } from '../support/passkeys';
import { like, MESSAGING_MUTATIONS, type MutationName, mutate, PASSWORD_MUTATIONS, relate } from '../support/verbs';

let app: TestApp;
let cursors: StreamCursors;

beforeAll(async () => {
  app = await startTestApp();
  const key = Buffer.from(hkdfSync('sha256', TEST_SECRET, '', 'portico page cursors', 32));
  cursors = new StreamCursors(new CursorCodec(key));
});
afterAll(() => app.close());

interface Case {
  readonly as: Who;
  readonly input: (cast: Cast) => object;
  readonly before?: (cast: Cast) => Promise<unknown>;
  /** Exactly these, each once. */
  readonly appends: readonly string[];
}

const asks = ({ cyd, vip }: Cast) => relate(app, cyd, vip, { following: true });
const strangers = ['ada SOCIAL_GRAPH user cyd', 'cyd SOCIAL_GRAPH user ada'];
const friends = ['ada SOCIAL_GRAPH user fan', 'fan SOCIAL_GRAPH user ada'];
const asked = ['cyd SOCIAL_GRAPH user vip', 'vip SOCIAL_GRAPH user cyd'];
const notes = ['ada FEED comment note', 'cyd FEED comment note'];
const notesGone = notes.map((each) => `${each} deleted`);
const hellos = ['ada FEED post hello', 'fan FEED post hello'];

/** Mutations, by what they are used for. */
const MUTATIONS: Readonly<Partial<Record<MutationName, Readonly<Record<string, Case>>>>> = {
  createPost: {
    'for everybody': {
      as: 'ada',
      input: ({ freshPost }) => ({ id: freshPost, text: 'New' }),
      appends: ['ada FEED post freshPost', 'fan FEED post freshPost'],
    },
    'for followers': {
      as: 'ada',
      input: ({ freshPost }) => ({ id: freshPost, text: 'New', audience: 'FOLLOWERS' }),
      appends: ['ada FEED post freshPost', 'fan FEED post freshPost'],
    },
    'for oneself': {
      as: 'ada',
      input: ({ freshPost }) => ({ id: freshPost, text: 'New', audience: 'PRIVATE' }),
      appends: ['ada FEED post freshPost'],
    },
  },
  updatePost: {
    'in its text': { as: 'ada', input: ({ hello }) => ({ id: hello, text: 'Hi' }), appends: hellos },
    'to fewer people': { as: 'ada', input: ({ hello }) => ({ id: hello, audience: 'FOLLOWERS' }), appends: hellos },
    'to nobody else': { as: 'ada', input: ({ hello }) => ({ id: hello, audience: 'PRIVATE' }), appends: hellos },
    'that nobody else sees': {
      as: 'ada',
      input: ({ diary }) => ({ id: diary, text: 'Dear, dear diary' }),
      appends: ['ada FEED post diary'],
    },
    'that others come to see': {
      as: 'ada',
      input: ({ diary }) => ({ id: diary, audience: 'PUBLIC' }),
      appends: ['ada FEED post diary', 'fan FEED post diary'],
    },
  },
  deleteNode: {
    'of a post': {
      as: 'ada',
      input: ({ hello }) => ({ id: hello }),
      appends: hellos.map((each) => `${each} deleted`),
    },
    'of a post that nobody else saw': {
      as: 'ada',
      input: ({ diary }) => ({ id: diary }),
      appends: ['ada FEED post diary deleted'],
    },
    'of a comment by its writer': { as: 'cyd', input: ({ note }) => ({ id: note }), appends: notesGone },
    'of a comment by whose post it is': { as: 'ada', input: ({ note }) => ({ id: note }), appends: notesGone },
  },
  addComment: {
    'under a post of somebody else': {
      as: 'fan',
      input: ({ hello, freshComment }) => ({ postId: hello, text: 'New', id: freshComment }),
      appends: ['ada FEED comment freshComment', 'fan FEED comment freshComment'],
    },
    "under one's own": {
      as: 'ada',
      input: ({ hello, freshComment }) => ({ postId: hello, text: 'New', id: freshComment }),
      appends: ['ada FEED comment freshComment'],
    },
  },
  updateComment: { 'in its text': { as: 'cyd', input: ({ note }) => ({ id: note, text: 'N.B.' }), appends: notes } },
  setPostLiked: {
    'for the first time': {
      as: 'cyd',
      input: ({ hello }) => ({ postId: hello, liked: true }),
      appends: ['cyd FEED post hello'],
    },
    'no longer': {
      as: 'cyd',
      before: ({ cyd, hello }) => like(app, cyd, hello),
      input: ({ hello }) => ({ postId: hello, liked: false }),
      appends: ['cyd FEED post hello'],
    },
  },
  setRelationship: {
    'following somebody': {
      as: 'cyd',
      input: ({ ada }) => ({ userId: ada.id, following: true }),
      appends: [...strangers, 'cyd FEED post hello'],
    },
    'asking to follow': { as: 'cyd', input: ({ vip }) => ({ userId: vip.id, following: true }), appends: asked },
    'asking no longer': {
      as: 'cyd',
      before: asks,
      input: ({ vip }) => ({ userId: vip.id, following: false }),
      appends: asked,
    },
    'following no longer': {
      as: 'fan',
      input: ({ ada }) => ({ userId: ada.id, following: false }),
      appends: [...friends, 'fan FEED post hello'],
    },
    'following again': {
      as: 'fan',
      before: ({ ada, fan }) => relate(app, fan, ada, { following: false }),
      input: ({ ada }) => ({ userId: ada.id, following: true }),
      appends: [...friends, 'fan FEED post hello'],
    },
    'muting somebody followed': {
      as: 'fan',
      input: ({ ada }) => ({ userId: ada.id, muting: true }),
      appends: ['fan SOCIAL_GRAPH user ada', 'fan FEED post hello'],
    },
    'muting no longer': {
      as: 'fan',
      before: ({ ada, fan }) => relate(app, fan, ada, { muting: true }),
      input: ({ ada }) => ({ userId: ada.id, muting: false }),
      appends: ['fan SOCIAL_GRAPH user ada', 'fan FEED post hello'],
    },
    'muting a stranger': {
      as: 'cyd',
      input: ({ ada }) => ({ userId: ada.id, muting: true }),
      appends: ['cyd SOCIAL_GRAPH user ada'],
    },
    'blocking somebody followed': {
      as: 'fan',
      input: ({ ada }) => ({ userId: ada.id, blocking: true }),
      appends: [...friends, 'fan FEED post hello'],
    },
    'blocking a follower': {
      as: 'ada',
      input: ({ fan }) => ({ userId: fan.id, blocking: true }),
      appends: [...friends, 'fan FEED post hello'],
    },
    'blocking somebody who commented': {
      as: 'ada',
      input: ({ cyd }) => ({ userId: cyd.id, blocking: true }),
      // Who has no copy of ada is not told of the block by having to drop one.
      appends: ['ada SOCIAL_GRAPH user cyd', ...notes],
    },
    'blocking somebody who muted': {
      as: 'ada',
      before: ({ ada, cyd }) => relate(app, cyd, ada, { muting: true }),
      input: ({ cyd }) => ({ userId: cyd.id, blocking: true }),
      appends: [...strangers, ...notes],
    },
    'blocking no longer': {
      as: 'cyd',
      before: ({ cyd, ada }) => relate(app, cyd, ada, { blocking: true }),
      input: ({ ada }) => ({ userId: ada.id, blocking: false }),
      appends: ['cyd SOCIAL_GRAPH user ada', ...notes],
    },
  },
  answerFollowRequest: {
    'with yes': {
      as: 'vip',
      before: asks,
      input: ({ cyd }) => ({ userId: cyd.id, accept: true }),
      appends: [...asked, 'cyd FEED post secret'],
    },
    'with no': { as: 'vip', before: asks, input: ({ cyd }) => ({ userId: cyd.id, accept: false }), appends: asked },
  },
  updateProfile: {
    'in the name': {
      as: 'ada',
      input: () => ({ name: 'Ada L.' }),
      appends: ['ada PROFILE user ada', 'fan SOCIAL_GRAPH user ada'],
    },
    'to a private account': {
      as: 'ada',
      input: () => ({ private: true }),
      appends: ['ada PROFILE user ada', 'fan SOCIAL_GRAPH user ada'],
    },
    'to an open account': { as: 'vip', input: () => ({ private: false }), appends: ['vip PROFILE user vip'] },
  },
};

/** The others, each with where it is tested what they append. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  signIn: 'below',
  signUp: 'below',
  signOut: 'nothing changes for anybody but the session',
  deleteAccount: 'account-purge.test.ts',
  signInWithIdToken: 'as signIn: nothing that apps keep a copy of changes',
  linkIdentity: 'identities are asked for where they are shown, and in no copy',
  unlinkIdentity: 'identities are asked for where they are shown, and in no copy',
  ...Object.fromEntries(
    Object.keys(PASSKEY_DOCUMENTS).map((name) => [name, 'nothing changes but what opens an account']),
  ),
  requestDataExport: 'data-export.test.ts',
  ...Object.fromEntries(
    PASSWORD_MUTATIONS.map((name) => [name, 'passwords-email.test.ts and passwords-reset.test.ts']),
  ),
  ...Object.fromEntries(
    ['signOut', 'confirmIdentity', 'signOutEverywhere', 'revokeSession', 'revokeOtherSessions', 'registerDevice'].map(
      (name) => [name, 'sessions and devices are in no copy that an app keeps'],
    ),
  ),
  ...Object.fromEntries(MESSAGING_MUTATIONS.map((name) => [name, 'messaging-change-log.test.ts'])),
};

const CASES = Object.entries(MUTATIONS).flatMap(([name, uses]) =>
  Object.entries(uses).map(([use, each]) => [`${name} ${use}`, name as MutationName, each] as const),
);

describe('the change logs', () => {
  it('are tested with every mutation there is', async () => {
    const { __schema } = await app.ok('{ __schema { mutationType { fields { name } } } }');
    const names = __schema.mutationType.fields.map(({ name }: { name: string }) => name);
    expect([...Object.keys(MUTATIONS), ...Object.keys(ELSEWHERE)].sort()).toEqual(names.sort());
  });

  it.each(CASES)(
    'tell exactly those concerned of %s, once',
    async (_sentence, name, { as, input, before, appends }) => {
      const cast = await makeCast(app);
      await before?.(cast);
      const sent = { ...input(cast), clientMutationId: 'once' };
      let first: Record<string, unknown> = {};
      const rows = await appendedBy(app, async () => {
        first = await mutate(app, cast[as], name, sent, 'cursor');
      });
      expect(first).toMatchObject({ userErrors: [], replayed: false });
      expect(sentences(rows, namesOf({ ...cast }))).toEqual([...appends].sort());

      // What the write itself appended ends where the cursor is; a replay answers the same place and appends nothing.
      const own = rows.filter(({ viewerId, eventId }) => viewerId === cast[as].uuid && eventId === null);
      const { epoch, seq } = cursors.decode(cast[as].uuid, String(first['cursor'])) ?? {};
      expect([epoch, seq]).toEqual([expect.stringMatching(/^[\w-]{8}\.\d+$/), own.at(-1)?.seq]);
      let again = {};
      const more = await appendedBy(app, async () => {
        again = await mutate(app, cast[as], name, sent, 'cursor');
      });
      expect(again).toEqual({ ...first, replayed: true });
      expect(more).toEqual([]);
    },
  );

  it('tell nobody of a sign-up and a sign-in, which have no cursor', async () => {
    const FIELDS = 'cursor userErrors { code }';
    const account = { name: 'Dee', handle: 'dee', email: 'dee@example.com', password: 'correct horse' };
    const rows = await appendedBy(app, async () => {
      const up = 'mutation Up($input: SignUpInput!) { signUp(input: $input) { FIELDS } }'.replace('FIELDS', FIELDS);
      expect((await app.ok(up, { input: account })).signUp).toEqual({ cursor: null, userErrors: [] });
      const into = 'mutation In($input: SignInInput!) { signIn(input: $input) { FIELDS } }'.replace('FIELDS', FIELDS);
      const input = { login: 'dee', password: account.password };
      expect((await app.ok(into, { input })).signIn).toEqual({ cursor: null, userErrors: [] });
    });
    expect(rows).toEqual([]);
  });

  it('tell both of each request that an account accepts by opening', async () => {
    const cast = await makeCast(app);
    await asks(cast);
    const rows = await appendedBy(app, () => mutate(app, cast.vip, 'updateProfile', { private: false }));
    // Accepted before the followers are told, the new one is told twice that Vip has changed.
    const told = new Set(sentences(rows, namesOf({ ...cast })));
    expect([...told]).toEqual([...asked, 'cyd FEED post secret', 'vip PROFILE user vip'].sort());
  });

  it('count the versions of what changed', async () => {
    const { ada, hello, note, cyd } = await makeCast(app);
    await mutate(app, ada, 'updatePost', { id: hello, text: 'Hi' });
    await mutate(app, cyd, 'updateComment', { id: note, text: 'N.B.' });
    await mutate(app, ada, 'updateProfile', { name: 'Ada L.' });
    await mutate(app, ada, 'deleteNode', { id: hello });
    const names = namesOf({ hello, note, ada });
    const versions = (await readLog(app, ada))
      .filter(({ version }) => version !== null)
      .map(({ nodeId, version }) => `${names.get(nodeId) ?? 'diary'} ${version}`);
    expect(versions).toEqual(
      expect.arrayContaining(['hello 1', 'note 1', 'diary 1', 'hello 2', 'note 2', 'ada 2', 'hello 3']),
    );
  });
});
