import { type Person, startTestApp, type TestApp } from '../support/app';
import { follow } from '../support/social';
import { comment, like, publish } from '../support/verbs';

const EMAIL = 'ada@example.org';
const PASSWORD = 'correct horse battery staple';

/** Every way to a person; each alias leads to the owner of the address. */
const EVERYWHERE = `query Everywhere($id: ID!, $handle: String!, $postId: ID!, $witnessId: ID!) {
  user(id: $id) { id email }
  userByHandle(handle: $handle) { id email }
  node(id: $id) { ... on User { id email } }
  nodes(ids: [$id]) { ... on User { id email } }
  post(id: $postId) {
    author { id email }
    comments { nodes { author { id email } } }
    likedBy { nodes { id email } edges { node { id email } } }
  }
  witness: user(id: $witnessId) {
    followers { nodes { id email } edges { node { id email } } }
    following { nodes { id email } }
    relationship { followedBy }
  }
  ownPosts: user(id: $id) { posts { nodes { author { id email } } edges { node { author { id email } } } } }
}`;

describe('an e-mail address', () => {
  let app: TestApp;
  let owner: Person;
  let witness: Person;
  let stranger: Person;
  let signedUp: { viewer: { user: object }; query: { viewer: { user: object } | null } };
  let variables: object;

  beforeAll(async () => {
    // One document asks for the address over every path there is, which no screen does.
    app = await startTestApp({ env: { DOCUMENT_READS_MAX: '1000', DOCUMENT_ALIASES_MAX: '1000' } });
    const { signUp } = await app.ok(
      `mutation SignUp($input: SignUpInput!) {
        signUp(input: $input) {
          userErrors { code } accessToken viewer { user { id handle email } } query { viewer { user { id email } } }
        }
      }`,
      { input: { name: 'Ada', handle: 'ada', email: EMAIL, password: PASSWORD } },
    );
    signedUp = signUp;
    const { id, handle } = signUp.viewer.user;
    owner = { id, handle, uuid: '', token: signUp.accessToken };
    witness = await app.person('witness');
    stranger = await app.person('stranger');
    const postId = await publish(app, owner);
    await comment(app, owner, postId);
    await like(app, owner, postId);
    await follow(app, owner, witness);
    await follow(app, witness, owner);
    await app.jobsDone();
    variables = { id, handle, postId, witnessId: witness.id };
  });
  afterAll(() => app.close());

  /** The address at every place where a person with this id was answered. */
  function emailsIn(data: unknown, id: string): (string | null)[] {
    if (typeof data !== 'object' || data === null) return [];
    const here = 'email' in data && 'id' in data && data.id === id ? [data.email as string | null] : [];
    return [...here, ...Object.values(data).flatMap((value) => emailsIn(value, id))];
  }

  it('is shown to its owner over every path', async () => {
    const emails = emailsIn(await app.ok(EVERYWHERE, variables, owner), owner.id);
    expect(emails).toEqual(Array.from({ length: 13 }, () => EMAIL));
  });

  it('is shown to nobody else over any path', async () => {
    for (const viewer of [null, witness, stranger]) {
      const answer = await app.query(EVERYWHERE, variables, viewer);
      expect(emailsIn(answer.data, owner.id)).toEqual(Array.from({ length: 13 }, () => null));
      expect(answer.text).not.toContain(EMAIL);
    }
  });

  it('is not shown by the feed of a follower', async () => {
    const document = 'query Feed { viewer { feed { nodes { author { id email } } } } }';
    expect(emailsIn(await app.ok(document, {}, witness), owner.id)).toEqual([null]);
    expect(emailsIn(await app.ok(document, {}, owner), owner.id)).toEqual([EMAIL]);
  });

  it('is shown to who has just signed up, and in for whom the rest of the document runs', async () => {
    expect(signedUp.viewer.user).toMatchObject({ email: EMAIL });
    expect(signedUp.query.viewer?.user).toMatchObject({ email: EMAIL });
    const { signIn } = await app.ok(
      `mutation SignIn($input: SignInInput!) { signIn(input: $input) { viewer { user { email } } } }`,
      { input: { login: 'ADA', password: PASSWORD } },
      stranger,
    );
    expect(signIn).toEqual({ viewer: { user: { email: EMAIL } } });
  });

  it('is shown to neither side by a payload about somebody else', async () => {
    const { setRelationship } = await app.ok(
      `mutation Relate($input: SetRelationshipInput!) {
        setRelationship(input: $input) { user { id email } query { viewer { user { id email } } } }
      }`,
      { input: { userId: owner.id } },
      witness,
    );
    expect(setRelationship).toEqual({
      user: { id: owner.id, email: null },
      query: { viewer: { user: { id: witness.id, email: null } } },
    });
  });
});
