import { type Person, startTestApp, type TestApp } from '../../support/app';
import { block, deleteAccount, follow, followPrivate, readWhole, unblock, viewerId } from '../../support/social';
import { mutate, publish, relate, remove } from '../../support/verbs';

/** Below the first, posts are written to the feeds of followers; from the second on, they are read at page time. */
const THRESHOLDS = [
  ['written to feeds', 1_000],
  ['read at page time', 1],
] as const;

describe.each(THRESHOLDS)('the home feed, with posts %s,', (_how, threshold) => {
  let app: TestApp;
  let viewer: Person;
  let author: Person;
  let hermit: Person;
  let round = 0;
  let openPost: string;
  let closedPost: string;

  beforeAll(async () => {
    app = await startTestApp({ env: { FEED_PULL_THRESHOLD: String(threshold) } });
  });
  afterAll(() => app.close());

  beforeEach(async () => {
    round += 1;
    viewer = await app.person(`viewer_${round}`);
    author = await app.person(`author_${round}`);
    hermit = await app.person(`hermit_${round}`, { private: true });
    await follow(app, viewer, author);
    await followPrivate(app, viewer, hermit);
    openPost = await publish(app, author);
    closedPost = await publish(app, hermit);
    await app.jobsDone();
    expect(await feed()).toEqual([closedPost, openPost]);
  });

  const feed = (of = viewer) => readWhole(app, of, 'feed', viewerId(of), 1);

  it.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    [
      'a mute, until it ends',
      () => relate(app, viewer, author, { muting: true }),
      () => relate(app, viewer, author, { muting: false }),
    ],
    [
      'an unfollow, until the viewer follows again',
      () => relate(app, viewer, author, { following: false }),
      () => follow(app, viewer, author),
    ],
    [
      'a block by the viewer, until it is lifted and the viewer follows again',
      () => block(app, viewer, author),
      () => relate(app, viewer, author, { blocking: false, following: true }),
    ],
    [
      'a block of the viewer, until it is lifted and the viewer follows again',
      () => block(app, author, viewer),
      async () => {
        await unblock(app, author, viewer);
        await follow(app, viewer, author);
      },
    ],
    [
      'a narrower audience, until it widens again',
      () => mutate(app, author, 'updatePost', { id: openPost, audience: 'PRIVATE' }),
      () => mutate(app, author, 'updatePost', { id: openPost, audience: 'FOLLOWERS' }),
    ],
  ])('loses posts at once by %s', async (_what, hide, show) => {
    await hide();
    expect(await feed()).toEqual([closedPost]);
    await show();
    await app.jobsDone();
    expect(await feed()).toEqual([closedPost, openPost]);
  });

  it('loses posts when they, or the account of their author, are deleted', async () => {
    await remove(app, author, openPost);
    expect(await feed()).toEqual([closedPost]);
    await deleteAccount(app, hermit);
    expect(await feed()).toEqual([]);
  });

  it('keeps the posts of an account that becomes private from nobody who follows it', async () => {
    await mutate(app, author, 'updateProfile', { private: true });
    expect(await feed()).toEqual([closedPost, openPost]);
  });

  it('brings nothing of an account that has not accepted the viewer yet', async () => {
    const asker = await app.person(`asker_${round}`);
    await follow(app, asker, hermit);
    await app.jobsDone();
    expect(await feed(asker)).toEqual([]);
  });

  it('never brings a post for its author alone to anybody else', async () => {
    const secret = await publish(app, author, 'Dear diary', { audience: 'PRIVATE' });
    await app.jobsDone();
    expect(await feed()).toEqual([closedPost, openPost]);
    expect(await feed(author)).toEqual([secret, openPost]);
  });
});
