import { encodeId, newId } from '../../src/kernel/ids';
import { Dice } from '../fuzz/random';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { handle, look, lookAnew, person, post, runsOf, warm } from '../support/strangers';
import { mutate, publish, remove } from '../support/verbs';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_122);
const OPERATIONS = Number(process.env['PUBLIC_OPERATIONS'] ?? 40);

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

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
