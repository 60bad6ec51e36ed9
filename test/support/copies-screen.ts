import { encodeId, newId } from '../../src/kernel/ids';
import type { Person, TestApp } from './app';
import { pick, type Random } from './interleaving';
import { mutate } from './verbs';

/** What random people do, and what anybody can see of it. */

const POST = 'id text audience version updatedAt likeCount commentCount viewerHasLiked';
const PERSON = 'id name handle bio private version counts { posts followers following }';

/** Everything that copies are kept of, with all that hangs on the viewer beside it. */
const SCREEN = `query Screen($posts: [ID!]!, $people: [ID!]!) {
  posts: nodes(ids: $posts) { ... on Post { ${POST}
    author { ${PERSON} }
    comments(first: 5) { nodes { id text version author { id name bio } } }
    likedBy(first: 3) { nodes { id name } }
  } }
  people: nodes(ids: $people) { ... on User { ${PERSON}
    relationship { following followedBy requested blocking muting }
    posts(first: 5) { nodes { ${POST} author { name bio } } }
  } }
}`;

const FEED = `query Feed { viewer { feed(first: 20) { nodes {
  ${POST} author { ${PERSON} } comments(first: 3) { nodes { id text author { name } } }
} } } }`;

export class RandomPeople {
  readonly posts: string[] = [];
  readonly comments: string[] = [];

  constructor(
    private readonly random: Random,
    readonly people: readonly Person[],
  ) {}

  person(): Person {
    return pick(this.random, this.people);
  }

  /** The whole screen as one viewer sees it in one process, as text. */
  async screen(app: TestApp, viewer: Person | null): Promise<string> {
    const people = this.people.map(({ id }) => id);
    return JSON.stringify(await app.ok(SCREEN, { posts: this.posts.slice(-12), people }, viewer));
  }

  async feed(app: TestApp, viewer: Person | null): Promise<string> {
    return JSON.stringify(await app.ok(FEED, {}, viewer));
  }

  /** Something that one of them does; refused or not. Answers its name. */
  async act(app: TestApp, who: Person): Promise<string> {
    const acts = [this.publish, this.publish, this.editPost, this.writeComment, this.writeComment, this.editComment];
    const more = [this.like, this.like, this.like, this.relate, this.relate, this.changeProfile, this.remove];
    const act = this.posts.length < 4 ? this.publish : pick(this.random, [...acts, ...more]);
    await act.call(this, app, who);
    return act.name;
  }

  private async publish(app: TestApp, who: Person): Promise<void> {
    const id = encodeId('post', newId());
    // Known before it exists: somebody may ask for it already.
    this.posts.push(id);
    await mutate(app, who, 'createPost', { id, text: this.text(), audience: this.audience() });
  }

  private async editPost(app: TestApp, who: Person): Promise<void> {
    const fields = this.random() < 0.5 ? { text: this.text() } : { text: this.text(), audience: this.audience() };
    for (const id of this.posts.slice(-12)) {
      const { userErrors } = await mutate(app, who, 'updatePost', { id, ...fields });
      if (userErrors.length === 0) return;
    }
  }

  private async writeComment(app: TestApp, who: Person): Promise<void> {
    const id = encodeId('comment', newId());
    this.comments.push(id);
    await mutate(app, who, 'addComment', { id, postId: this.post(), text: this.text() });
  }

  private async editComment(app: TestApp, who: Person): Promise<void> {
    for (const id of this.comments.slice(-8)) {
      const { userErrors } = await mutate(app, who, 'updateComment', { id, text: this.text() });
      if (userErrors.length === 0) return;
    }
  }

  private async like(app: TestApp, who: Person): Promise<void> {
    await mutate(app, who, 'setPostLiked', { postId: this.post(), liked: this.random() < 0.7 });
  }

  private async relate(app: TestApp, who: Person): Promise<void> {
    const kind = pick(this.random, ['following', 'following', 'blocking', 'muting']);
    const change = { [kind]: this.random() < 0.6 };
    await mutate(app, who, 'setRelationship', { userId: this.person().id, ...change });
  }

  private async changeProfile(app: TestApp, who: Person): Promise<void> {
    const change = pick(this.random, [{ name: this.text() }, { bio: this.text() }, { private: this.random() < 0.5 }]);
    await mutate(app, who, 'updateProfile', change);
  }

  private async remove(app: TestApp, who: Person): Promise<void> {
    const ids = this.random() < 0.4 ? this.posts.slice(-3) : this.comments.slice(-3);
    for (const id of ids) await mutate(app, who, 'deleteNode', { id });
  }

  private post(): string {
    return pick(this.random, this.posts.slice(-12));
  }

  private audience(): string {
    return pick(this.random, ['PUBLIC', 'PUBLIC', 'FOLLOWERS', 'PRIVATE']);
  }

  private text(): string {
    return `text ${Math.floor(this.random() * 1e9)}`;
  }
}
