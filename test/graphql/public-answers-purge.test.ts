import { encodeId, newId } from '../../src/kernel/ids';
import { Dice } from '../fuzz/random';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { type Cast, makeCast, type Who } from '../support/change-log-cast';
import { PASSKEY_DOCUMENTS } from '../support/passkeys';
import { member } from '../support/passwords';
import { handle, look, lookAnew, person, post, runsOf, type Sight, warm } from '../support/strangers';
import {
  like,
  MESSAGING_MUTATIONS,
  type MutationName,
  mutate,
  PASSWORD_MUTATIONS,
  publish,
  relate,
  remove,
} from '../support/verbs';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_122);
const OPERATIONS = Number(process.env['PUBLIC_OPERATIONS'] ?? 40);

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

interface Case {
  readonly as: Who;
  readonly input: (cast: Cast) => object;
  readonly before?: (cast: Cast) => Promise<unknown>;
  /** What strangers have been looking at, all of which is another thing afterwards. */
  readonly shows: (cast: Cast) => readonly Sight[];
}

const hello = ({ hello }: Cast) => [post(hello)];
const adasPage = ({ ada }: Cast) => [person(ada), handle(ada.handle)];
const both = (cast: Cast) => [...hello(cast), ...adasPage(cast)];
const author = (cast: Cast) => mutate(app, cast.ada, 'updateProfile', { private: true });

/** Mutations that change what strangers are shown, by what they are used for. */
const CHANGES: Readonly<Partial<Record<MutationName, Readonly<Record<string, Case>>>>> = {
  createPost: {
    'on the page of its author': { as: 'ada', input: () => ({ text: 'New' }), shows: adasPage },
    'where there was none': {
      as: 'ada',
      input: ({ freshPost }) => ({ id: freshPost, text: 'New' }),
      shows: ({ freshPost }) => [post(freshPost)],
    },
  },
  updatePost: {
    'in its text': { as: 'ada', input: ({ hello }) => ({ id: hello, text: 'Hi' }), shows: both },
    'to fewer people': { as: 'ada', input: ({ hello }) => ({ id: hello, audience: 'FOLLOWERS' }), shows: both },
    'to everybody': {
      as: 'ada',
      input: ({ diary }) => ({ id: diary, audience: 'PUBLIC' }),
      shows: (cast) => [post(cast.diary), ...adasPage(cast)],
    },
  },
  addComment: {
    'under a post': { as: 'cyd', input: ({ hello }) => ({ postId: hello, text: 'Yes' }), shows: both },
  },
  updateComment: { 'in its text': { as: 'cyd', input: ({ note }) => ({ id: note, text: 'No' }), shows: hello } },
  deleteNode: {
    'a comment': { as: 'ada', input: ({ note }) => ({ id: note }), shows: both },
    'a post': { as: 'ada', input: ({ hello }) => ({ id: hello }), shows: both },
  },
  setPostLiked: {
    on: { as: 'fan', input: ({ hello }) => ({ postId: hello, liked: true }), shows: both },
    off: {
      as: 'fan',
      before: ({ fan, hello }) => like(app, fan, hello),
      input: ({ hello }) => ({ postId: hello, liked: false }),
      shows: both,
    },
  },
  setRelationship: {
    'to following': {
      as: 'cyd',
      input: ({ ada }) => ({ userId: ada.id, following: true }),
      shows: ({ ada, cyd }) => [person(ada), person(cyd)],
    },
    'to following no more': {
      as: 'fan',
      input: ({ ada }) => ({ userId: ada.id, following: false }),
      shows: ({ ada, fan }) => [person(ada), person(fan)],
    },
    'to a block, which ends follows': {
      as: 'ada',
      input: ({ fan }) => ({ userId: fan.id, blocking: true }),
      shows: ({ ada, fan }) => [person(ada), person(fan)],
    },
  },
  answerFollowRequest: {
    'by yes': {
      as: 'vip',
      before: ({ cyd, vip }) => relate(app, cyd, vip, { following: true }),
      input: ({ cyd }) => ({ userId: cyd.id, accept: true }),
      shows: ({ cyd }) => [person(cyd)],
    },
  },
  updateProfile: {
    'in its name': {
      as: 'ada',
      input: () => ({ name: 'Augusta' }),
      shows: (cast) => [...both(cast), person(cast.fan)],
    },
    'in its name, where a comment shows it': { as: 'cyd', input: () => ({ name: 'Cydonia' }), shows: hello },
    'in its name, where a like shows it': {
      as: 'fan',
      before: ({ fan, hello }) => like(app, fan, hello),
      input: () => ({ name: 'Fanny' }),
      shows: (cast) => [...hello(cast), person(cast.ada)],
    },
    'to another handle': {
      as: 'ada',
      input: ({ ada }) => ({ handle: `${ada.handle}_new` }),
      shows: ({ ada }) => [handle(ada.handle), handle(`${ada.handle}_new`), person(ada)],
    },
    'to a private account': { as: 'ada', input: () => ({ private: true }), shows: both },
    'to an open account': { as: 'ada', before: author, input: () => ({ private: false }), shows: both },
  },
};

const UNSEEN = 'strangers see nothing of it';
/** The others. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  signUp: 'below',
  signIn: UNSEEN,
  signInWithIdToken: 'makes accounts as signUp does',
  ...Object.fromEntries(
    [
      ...['signOut', 'signOutEverywhere', 'revokeSession', 'revokeOtherSessions', 'registerDevice', 'confirmIdentity'],
      ...['linkIdentity', 'unlinkIdentity', ...MESSAGING_MUTATIONS, ...PASSWORD_MUTATIONS],
      ...Object.keys(PASSKEY_DOCUMENTS),
    ].map((name) => [name, UNSEEN]),
  ),
};

const CASES = Object.entries(CHANGES).flatMap(([name, uses]) =>
  Object.entries(uses).map(([use, each]) => [`${name} ${use}`, name as MutationName, each] as const),
);

describe('what strangers are shown', () => {
  it('is tested with every mutation there is', async () => {
    const { __schema } = await app.ok('{ __schema { mutationType { fields { name } } } }');
    const names = __schema.mutationType.fields.map(({ name }: { name: string }) => name);
    expect([...Object.keys(CHANGES), ...Object.keys(ELSEWHERE)].sort()).toEqual(names.sort());
  });

  it.each(CASES)('is what it is after %s', async (_sentence, name, { as, input, before, shows }) => {
    const cast = await makeCast(app);
    await before?.(cast);
    const sights = shows(cast);
    const old = [];
    for (const sight of sights) old.push(await warm(app, sight));
    const fromCache = () => Promise.all(sights.map((sight) => look(app, sight)));
    expect(await runsOf(app, fromCache)).toBe(0);
    expect((await mutate(app, cast[as], name, input(cast))).userErrors).toEqual([]);
    const shown = await fromCache();
    expect(shown).toEqual(await Promise.all(sights.map((sight) => lookAnew(app, sight))));
    for (const [index, data] of shown.entries()) expect(data).not.toEqual(old[index]);
  });

  it('is what it is after a job has changed it: requests are accepted once an account is open', async () => {
    const { ada, cyd } = await makeCast(app);
    await mutate(app, ada, 'updateProfile', { private: true });
    await relate(app, cyd, ada, { following: true });
    const before = await warm(app, person(cyd));
    await mutate(app, ada, 'updateProfile', { private: false });
    await app.jobsDone();
    const after = await look(app, person(cyd));
    expect(after).toEqual(await lookAnew(app, person(cyd)));
    expect([before.user.counts.following, after.user.counts.following]).toEqual([0, 1]);
  });

  it('is there as soon as somebody has signed up', async () => {
    expect((await warm(app, handle('newcomer'))).userByHandle).toBeNull();
    await member(app, 'newcomer');
    expect((await look(app, handle('newcomer'))).userByHandle.handle).toBe('newcomer');
  });

  it('stays kept when something else changes', async () => {
    const [one, other] = [await makeCast(app), await makeCast(app)];
    const sights = [post(one.hello), person(one.ada), handle(one.ada.handle)];
    for (const sight of sights) await warm(app, sight);
    await like(app, other.ada, other.hello);
    await mutate(app, other.ada, 'updateProfile', { name: 'Other', private: true });
    await relate(app, one.cyd, one.ada, { muting: true });
    const runs = await runsOf(app, async () => {
      for (const sight of sights) await look(app, sight);
    });
    expect(runs).toBe(0);
  });
});

describe('whatever people do, in whatever order', () => {
  it('strangers are shown what is so', async () => {
    const dice = new Dice(SEED);
    const crowd = await Promise.all(['uma', 'ben', 'eve'].map((name) => app.person(name)));
    const some = () => dice.of(crowd);
    const owners = new Map<string, Person>();
    const comments = new Map<string, Person>();
    const handles = new Set(crowd.map((each) => each.handle));
    const soonTaken = () => `${some().handle}_${dice.between(1, 3)}`;
    const anyPost = () => dice.of([...owners.keys(), encodeId('post', newId())]);
    const acts: Record<string, () => Promise<unknown>> = {
      async publish() {
        const [id, who] = [encodeId('post', newId()), some()];
        if (dice.chance(0.5)) await warm(app, post(id));
        owners.set(
          await publish(app, who, `Post ${owners.size}`, { id, audience: dice.of(['PUBLIC', 'PRIVATE']) }),
          who,
        );
      },
      async edit() {
        const [id, who] = dice.of([...owners]);
        const change = dice.of([
          { text: `Edit ${dice.between(1, 99)}` },
          { audience: dice.of(['PUBLIC', 'FOLLOWERS']) },
        ]);
        await mutate(app, who, 'updatePost', { id, ...change });
      },
      async removePost() {
        const [id, who] = dice.of([...owners]);
        if (owners.size < 4) return;
        await remove(app, who, id);
        owners.delete(id);
      },
      async write() {
        const [who, postId] = [some(), anyPost()];
        const { commentEdge } = await mutate(
          app,
          who,
          'addComment',
          { postId, text: 'So' },
          'commentEdge { node { id } }',
        );
        if (commentEdge) comments.set(commentEdge.node.id, who);
      },
      async rewrite() {
        const [id, who] = comments.size > 0 ? dice.of([...comments]) : ['', some()];
        await mutate(app, who, 'updateComment', { id, text: `Rather ${dice.between(1, 99)}` });
      },
      async unwrite() {
        const [id, who] = comments.size > 0 ? dice.of([...comments]) : ['', some()];
        await mutate(app, who, 'deleteNode', { id });
      },
      like: () => mutate(app, some(), 'setPostLiked', { postId: anyPost(), liked: dice.chance(0.6) }),
      relate: () =>
        mutate(app, some(), 'setRelationship', {
          userId: some().id,
          ...dice.of([{ following: dice.chance(0.7) }, { blocking: dice.chance(0.4) }, { muting: true }]),
        }),
      answer: () => mutate(app, some(), 'answerFollowRequest', { userId: some().id, accept: dice.chance(0.7) }),
      rename: () => mutate(app, some(), 'updateProfile', { name: `Name ${dice.between(1, 99)}` }),
      async take() {
        const taken = soonTaken();
        handles.add(taken);
        await mutate(app, some(), 'updateProfile', { handle: taken });
      },
      async close() {
        await mutate(app, some(), 'updateProfile', { private: dice.chance(0.5) });
        await app.jobsDone();
      },
    };
    for (let i = 0; i < 4; i += 1) await acts['publish']?.();
    const looks = () => [...crowd.map(person), ...[...handles].map(handle), ...[...owners.keys()].slice(-6).map(post)];
    let kept = 0;
    for (let i = 0; i < OPERATIONS; i += 1) {
      const [name, act] = dice.of(Object.entries(acts));
      await act();
      const sights = Array.from({ length: 3 }, () => dice.of(looks()));
      for (const sight of sights) {
        const runs = await runsOf(app, async () => {
          const shown = await look(app, sight);
          expect({ i, name, sight, shown }).toEqual({ i, name, sight, shown: await lookAnew(app, sight) });
        });
        kept += runs === 0 ? 1 : 0;
      }
    }
    // Else nothing was tested.
    expect(kept).toBeGreaterThan(OPERATIONS / 2);
  }, 600_000);
});
