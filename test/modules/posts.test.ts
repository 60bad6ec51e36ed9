import { type Person, startTestApp, type TestApp } from '../support/app';

describe('posts', () => {
  let app: TestApp;
  let ada: Person;

  beforeAll(async () => {
    app = await startTestApp();
    ada = await app.person('ada');
  });
  afterAll(() => app.close());

  it('are published and read back', async () => {
    const { createPost } = await app.ok(
      `mutation Publish($input: CreatePostInput!) {
        createPost(input: $input) {
          replayed clientMutationId userErrors { code message path }
          postEdge { cursor node { id text audience version author { handle } likeCount commentCount viewerHasLiked } }
          query { viewer { user { handle counts { posts followers following } } feed { nodes { text } } } }
        }
      }`,
      { input: { text: 'Hello', clientMutationId: 'k1' } },
      ada,
    );
    expect(createPost).toMatchObject({
      replayed: false,
      userErrors: [],
      postEdge: { node: { text: 'Hello', audience: 'PUBLIC', version: 1, author: { handle: 'ada' } } },
      query: { viewer: { user: { handle: 'ada', counts: { posts: 1 } }, feed: { nodes: [{ text: 'Hello' }] } } },
    });
  });
});
