import {
  type GraphQLInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isScalarType,
} from 'graphql';
import { encodeId, newId } from '../../src/kernel/ids';
import type { Dice } from './random';

/** Where a page can go on: a list of something, and a cursor that was given out for it. */
export interface Place {
  readonly owner: 'user' | 'post';
  readonly id: string;
  readonly list: string;
  readonly after: string;
  readonly order?: string;
}

/** What exists in the world that documents ask about. */
export interface Pool {
  readonly users: readonly string[];
  readonly posts: readonly string[];
  readonly comments: readonly string[];
  readonly handles: readonly string[];
  /** Grows with the answers. */
  readonly places: Place[];
}

/** An enum value, which is written without quotes in a document. */
class Name {
  constructor(readonly name: string) {}
  toJSON(): string {
    return this.name;
  }
}

const STRAY_IDS = ['', 'x', 'post_', 'post_00000000000000000000000000', 'viewer_01h455vb4pex5vsknk084sn02q', '🦊'];
const STRAY_TEXTS = ['', ' ', 'a\u202eb', 'x'.repeat(5_001), 'x'.repeat(2_001), "'; DROP TABLE users; --", '\\', '"""'];
const PAGE_SIZES = [1, 1, 2, 2, 3, 3, 5, 10, 20, 50, 100];
const STRAY_SIZES = [0, -1, 101, 2_147_483_647];
const STRAY = 0.04;

/** Invents values of input types: mostly what an app would send, now and then what none should. */
export class Values {
  constructor(
    private readonly dice: Dice,
    private readonly pool: Pool,
  ) {}

  /** A value for an argument or an input field, null for one that is to be left out. Enums stand in it as names. */
  of(type: GraphQLInputType, name: string, owner: string): unknown {
    const { dice } = this;
    if (!isNonNullType(type) && dice.chance(0.35)) return dice.chance(0.15) ? null : undefined;
    const bare = getNullableType(type);
    if (isListType(bare)) return this.listOf(bare.ofType, name, owner);
    if (isEnumType(bare)) return new Name(dice.of(bare.getValues()).name);
    if (isInputObjectType(bare)) {
      const fields = Object.values(bare.getFields()).map((field) => [
        field.name,
        this.of(field.type, field.name, bare.name),
      ]);
      return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
    }
    if (!isScalarType(bare)) throw new Error(`${name} is of no input type`);
    if (bare.name === 'Boolean') return dice.chance(0.5);
    if (bare.name === 'Int') return name === 'first' ? this.pageSize() : dice.between(0, 4);
    return bare.name === 'ID' ? this.id(name, owner) : this.text(name);
  }

  pageSize(): number {
    return this.dice.of(this.dice.chance(STRAY) ? STRAY_SIZES : PAGE_SIZES);
  }

  private listOf(type: GraphQLInputType, name: string, owner: string): unknown[] {
    const length = this.dice.chance(STRAY) ? 101 : this.dice.between(0, 8);
    return Array.from({ length }, () => this.of(type, name, owner) ?? this.id('id', 'node'));
  }

  private id(name: string, owner: string): string {
    const { dice, pool } = this;
    if (dice.chance(STRAY)) return dice.of(STRAY_IDS);
    if (dice.chance(STRAY)) return encodeId(dice.of(['user', 'post', 'comment']), newId());
    const about = `${owner}.${name}`;
    if (name === 'userId' || owner === 'user') return dice.of(pool.users);
    if (name === 'postId' || owner === 'post' || about === 'UpdatePostInput.id') return dice.of(pool.posts);
    if (about === 'UpdateCommentInput.id') return dice.of(pool.comments);
    if (about === 'CreatePostInput.id') return encodeId('post', newId());
    if (about === 'AddCommentInput.id') return encodeId('comment', newId());
    return dice.of(dice.of([pool.users, pool.posts, pool.comments]));
  }

  private text(name: string): string {
    const { dice, pool } = this;
    if (name === 'after') return dice.chance(0.5) && pool.places.length > 0 ? dice.of(pool.places).after : 'no cursor';
    if (dice.chance(STRAY)) return dice.of(STRAY_TEXTS);
    if (name === 'handle' || name === 'login') return dice.of(pool.handles);
    if (name === 'email') return `${dice.of(pool.handles)}@example.org`;
    if (name === 'clientMutationId') return `key-${dice.between(1, 500)}`;
    if (name === 'password') return 'short';
    return dice.of(['Hello', 'Grüße aus dem Süden', 'שלום', 'One\ntwo', '👩‍👩‍👧']);
  }
}

/** A value as it stands in a document. */
export function literalOf(value: unknown): string {
  if (value instanceof Name) return value.name;
  if (Array.isArray(value)) return `[${value.map(literalOf).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, inside]) => `${name}: ${literalOf(inside)}`);
  return `{${fields.join(', ')}}`;
}
