import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeId, newId } from '../../src/kernel/ids';
import type { Dice } from '../fuzz/random';
import type { Api } from './api';
import type { Ledger, Ms, Standing, Write } from './ledger';
import type { Person } from './person';
import { type World, wallOf } from './world';

/** The ledger while it is written. */
export class RunLedger implements Ledger {
  readonly writes: Write[] = [];
  readonly standings: Standing[] = [];
  private readonly creations = new Map<string, Write>();

  add(write: Write): Write {
    this.writes.push(write);
    if (write.verb === 'create') this.creations.set(write.node, write);
    return write;
  }

  creationOf(node: string): Write | undefined {
    return this.creations.get(node);
  }
}

type Deed = (writer: Writer) => Promise<void>;

interface Writer {
  readonly person: Person;
  /** What it wrote and has not deleted, by kind. Only its writer changes a node, so that what happened is known. */
  readonly comments: string[];
  readonly messages: string[];
  readonly posts: string[];
  readonly liked: Set<string>;
  readonly following: Set<string>;
  readonly blocking: Set<string>;
}

const TYPES: Record<string, string> = { createPost: 'CreatePostInput', addComment: 'AddCommentInput' };
/** A person keeps so many nodes of a kind in mind to change them later. */
const KEPT = 20;
/** Readers change less than writers write, by this factor. */
const READERS_SLOWER = 12;
/** Refusals that a writer who is never in the wrong must not see: its write happened twice, or was misread. */
const WRONG = new Set(['CONFLICT', 'DUPLICATE_KEY_MISMATCH', 'INVALID']);

export interface WriterOptions {
  readonly api: Api;
  readonly world: World;
  readonly ledger: RunLedger;
  readonly dice: Dice;
  readonly now: () => Ms;
  /** Pause between the writes of one person. */
  readonly pauseMs: Ms;
}

/** People who write all the time, each one thing after the other, until each is answered. */
export class Writers {
  /** By mutation and outcome. */
  readonly outcomes = new Map<string, number>();
  readonly complaints: string[] = [];
  private stopped = false;
  private running: Promise<void>[] = [];
  private counter = 0;

  constructor(private readonly options: WriterOptions) {}

  start(): void {
    const { world } = this.options;
    this.running = [
      ...world.writers.map((person) => this.keepWriting(person, this.writerDeeds())),
      ...world.readers.map((person) => this.keepWriting(person, this.readerDeeds(), READERS_SLOWER)),
    ];
  }

  /** Lets everybody finish: what was begun is retried until it is answered. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
  }

  private async keepWriting(person: Person, deeds: readonly (readonly [number, Deed])[], slower = 1): Promise<void> {
    const { dice, pauseMs } = this.options;
    const writer: Writer = {
      person,
      comments: [],
      messages: [],
      posts: [],
      liked: new Set(),
      following: new Set(),
      blocking: new Set(),
    };
    const total = deeds.reduce((sum, [weight]) => sum + weight, 0);
    await sleep(dice.between(0, pauseMs * slower));
    while (!this.stopped) {
      let drawn = dice.between(0, total - 1);
      const [, deed] = deeds.find(([weight]) => {
        drawn -= weight;
        return drawn < 0;
      }) as [number, Deed];
      // Only the end of the run ends a write without an answer.
      await deed(writer).catch(() => undefined);
      await sleep((pauseMs * slower * dice.between(50, 150)) / 100);
    }
  }

  private writerDeeds(): (readonly [number, Deed])[] {
    const { world } = this.options;
    const deeds: (readonly [number, Deed])[] = [
      [60, (writer) => this.comment(writer)],
      [2, (writer) => this.edit(writer, 'updateComment', writer.comments)],
      [2, (writer) => this.remove(writer, writer.comments)],
      [5, (writer) => this.post(writer)],
      [2, (writer) => this.edit(writer, 'updatePost', writer.posts)],
      [2, (writer) => this.remove(writer, writer.posts)],
      [5, (writer) => this.like(writer)],
    ];
    if (world.conversations.length > 0) {
      deeds.push([30, (writer) => this.message(writer)], [1, (writer) => this.remove(writer, writer.messages)]);
    }
    return deeds;
  }

  private readerDeeds(): (readonly [number, Deed])[] {
    const deeds: (readonly [number, Deed])[] = [
      [3, (writer) => this.follow(writer)],
      [2, (writer) => this.block(writer)],
      [1, (writer) => this.like(writer)],
      [1, (writer) => this.rename(writer)],
    ];
    if (this.options.world.conversations.length > 0) deeds.push([3, (writer) => this.message(writer)]);
    return deeds;
  }

  private async comment(writer: Writer): Promise<void> {
    const { world, dice } = this.options;
    const postId = dice.of(world.rooms).id;
    await this.create(writer, writer.comments, 'addComment', 'comment', postId, { postId });
  }

  private async post(writer: Writer): Promise<void> {
    await this.create(writer, writer.posts, 'createPost', 'post', wallOf(writer.person.id), {});
  }

  private async message(writer: Writer): Promise<void> {
    const { world, dice } = this.options;
    const own = world.conversations.filter(({ members }) => members.includes(writer.person));
    if (own.length === 0) return;
    const conversationId = dice.of(own).id;
    await this.create(writer, writer.messages, 'sendMessage', 'message', conversationId, { conversationId });
  }

  private async create(
    writer: Writer,
    kept: string[],
    mutation: string,
    prefix: string,
    list: string,
    input: object,
  ): Promise<void> {
    const node = encodeId(prefix, newId());
    const text = this.newText(prefix);
    const done = await this.write(
      writer.person,
      mutation,
      { verb: 'create', node, list, text },
      { ...input, id: node, text },
    );
    if (!done) return;
    kept.push(node);
    if (kept.length > KEPT) kept.shift();
  }

  private async edit(writer: Writer, mutation: string, kept: readonly string[]): Promise<void> {
    if (kept.length === 0) return;
    const node = this.options.dice.of(kept);
    const text = this.newText('edit');
    await this.write(writer.person, mutation, { verb: 'edit', node, list: null, text }, { id: node, text });
  }

  private async remove(writer: Writer, kept: string[]): Promise<void> {
    if (kept.length === 0) return;
    const [node] = kept.splice(this.options.dice.between(0, kept.length - 1), 1) as [string];
    await this.write(writer.person, 'deleteNode', { verb: 'delete', node, list: null, text: null }, { id: node });
  }

  private async like(writer: Writer): Promise<void> {
    const postId = this.options.dice.of(this.options.world.rooms).id;
    const liked = toggle(writer.liked, postId);
    await this.mutate(writer.person, 'setPostLiked', { postId, liked });
  }

  private async rename(writer: Writer): Promise<void> {
    await this.mutate(writer.person, 'updateProfile', { bio: this.newText('bio') });
  }

  private async follow(writer: Writer): Promise<void> {
    const other = this.options.dice.of(this.options.world.writers).id;
    if (writer.blocking.has(other)) return;
    const following = toggle(writer.following, other);
    await this.relate(writer.person, other, following ? 'follow' : 'unfollow', { following });
  }

  /** Blocks one of two people and none else: what all others write has to arrive without any doubt. */
  private async block(writer: Writer): Promise<void> {
    const { world, dice } = this.options;
    const other = dice.of(world.trolls).id;
    writer.following.delete(other);
    const blocking = toggle(writer.blocking, other);
    await this.relate(writer.person, other, blocking ? 'block' : 'unblock', { blocking });
  }

  private async relate(viewer: Person, userId: string, change: Standing['change'], input: object): Promise<void> {
    const { ledger, now } = this.options;
    const standing: Standing = { viewer: viewer.id, other: userId, change, sent: now(), answered: null };
    ledger.standings.push(standing);
    await this.mutate(viewer, 'setRelationship', { userId, ...input });
    standing.answered = now();
  }

  private async write(
    as: Person,
    mutation: string,
    fields: Pick<Write, 'verb' | 'node' | 'list' | 'text'>,
    input: object,
  ): Promise<boolean> {
    const { ledger, now } = this.options;
    const write = ledger.add({ ...fields, author: as.id, sent: now(), answered: null, refused: null });
    write.refused = await this.mutate(as, mutation, input);
    write.answered = now();
    return write.refused === null;
  }

  /** The code of the first user error, or null. */
  private async mutate(as: Person, mutation: string, input: object): Promise<string | null> {
    const type = TYPES[mutation] ?? `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { replayed userErrors { code message } } }`;
    const keyed = { ...input, clientMutationId: randomUUID() };
    const payload = (await this.options.api.insist(as, document, { input: keyed }))[mutation];
    const refusal: { code: string; message: string } | undefined = payload.userErrors[0];
    const outcome = refusal?.code ?? (payload.replayed ? 'replayed' : 'done');
    const name = `${mutation} ${outcome}`;
    this.outcomes.set(name, (this.outcomes.get(name) ?? 0) + 1);
    if (refusal && WRONG.has(refusal.code)) this.complaints.push(`${mutation} was refused: ${JSON.stringify(refusal)}`);
    return refusal?.code ?? null;
  }

  private newText(kind: string): string {
    this.counter += 1;
    return `${kind} ${this.counter}`;
  }
}

/** Puts it in, or takes it out when it is there; answers whether it is in now. */
function toggle(set: Set<string>, id: string): boolean {
  if (set.delete(id)) return false;
  set.add(id);
  return true;
}
