import { randomInt } from 'node:crypto';
import type { Clock } from '../../kernel/clock';
import { conflict, type HandleTakenError, refuse, UserErrors } from '../../kernel/errors';
import { InputCheck, type TextRule } from '../../kernel/text';
import type { Viewer } from '../../kernel/viewer';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { Spread } from '../../platform/changelog/spread';
import type { Enqueue } from '../../platform/jobs/jobs';
import type { Executor, Transaction } from '../../platform/postgres/database';
import { HANDLE_MAX, handleFromName, handleKey, handleProblem, similarHandles } from './handle.policy';
import type { UserRow } from './user.entity';
import * as users from './user.repository';

export const USER_PREFIX = 'user';
const NAME_RULE: TextRule = { min: 1, max: 60 };
const BIO_RULE: TextRule = { min: 0, max: 300, multiline: true };
const SUGGESTIONS_MAX = 3;
/**
 * How long the handle of a deleted account stays taken: for so long nobody meets a stranger where links, mentions and
 * people's memory still lead to the one who left.
 */
const HANDLE_HELD_DAYS = 30;
const DAY_MS = 86_400_000;
/** What is shown of somebody whose account is deleted while something of theirs is being read. */
const NOBODY = { name: 'Deleted account', handle: 'deleted' };
/** Behind a name that many have. */
const HANDLE_NUMBERS = 100_000_000;

/** Job: an account stopped being private. Payload `{ userId }`. */
export const ACCOUNT_OPENED = 'accounts.opened';

/** The audience of what a person does for those who follow them, by the person's id. */
export const FOLLOWERS = 'followers';

export interface NewUser {
  readonly id: string;
  readonly name: string;
  readonly handle: string;
}

export interface ProfileChange {
  readonly ifVersion?: number | null;
  readonly name?: string | null;
  readonly handle?: string | null;
  readonly bio?: string | null;
  readonly private?: boolean | null;
}

export class UserService {
  constructor(
    private readonly clock: Clock,
    private readonly enqueue: Enqueue,
    private readonly changes: ChangeLog,
    private readonly spread: Spread,
  ) {}

  /** Trims and checks what a person calls themselves; what is wrong is collected into `check`. */
  checkNames<Names extends { name: string; handle: string }>(check: InputCheck, names: Names): Names {
    const problem = handleProblem(names.handle);
    if (problem) check.add(['input', 'handle'], problem);
    return { ...names, name: check.text(['input', 'name'], names.name, NAME_RULE) };
  }

  async handleOf(executor: Executor, id: string): Promise<string | null> {
    return (await users.findAny(executor, [id]))[0]?.handle ?? null;
  }

  /** @throws UserErrors when the handle is taken. */
  async create(tx: Transaction, { id, name, handle }: NewUser): Promise<void> {
    await this.claimHandle(tx, handle, id);
    await this.insert(tx, { id, name, handle });
  }

  /** Makes an account of somebody who has chosen no handle: one like the name. */
  async createNamed(tx: Transaction, { id, name }: Omit<NewUser, 'handle'>): Promise<void> {
    const like = handleFromName(name);
    const numbered = `${like.slice(0, HANDLE_MAX - String(HANDLE_NUMBERS).length)}${randomInt(HANDLE_NUMBERS)}`;
    for (const handle of [like, ...similarHandles(like, randomInt), numbered]) {
      if (handleProblem(handle) || !(await users.claimHandle(tx, handleKey(handle), id))) continue;
      return this.insert(tx, { id, name, handle });
    }
    // All of them taken is no more likely than a handle that somebody else has just chosen.
    await this.create(tx, { id, name, handle: numbered });
  }

  private async insert(tx: Transaction, { id, name, handle }: NewUser): Promise<void> {
    const now = this.clock.now();
    const fresh = { bio: null, private: false, version: 1, createdAt: now, updatedAt: now, deletedAt: null };
    await users.insert(tx, { id, name, handle, ...fresh });
  }

  /** Changes what is given and leaves the rest. @throws UserErrors INVALID, CONFLICT (version or handle). */
  async updateProfile(tx: Transaction, viewer: Viewer, wanted: ProfileChange): Promise<{ userId: string }> {
    const user = await users.lockById(tx, viewer.userId);
    if (!user) return refuse('NOT_FOUND', 'This account no longer exists.');
    if (wanted.ifVersion != null && wanted.ifVersion !== user.version) throw conflict('profile', USER_PREFIX, user);
    const next = this.checkedProfile(user, wanted);
    if (handleKey(next.handle) !== handleKey(user.handle)) {
      await this.claimHandle(tx, next.handle, user.id);
      await users.releaseHandle(tx, handleKey(user.handle), user.id);
    }
    await users.updateProfile(tx, { ...next, id: user.id, updatedAt: this.clock.now() });
    if (user.private && !next.private) await this.enqueue(tx, ACCOUNT_OPENED, { userId: user.id });
    const change = { kind: USER_PREFIX, nodeId: user.id, version: user.version + 1 };
    this.changes.add(tx, { viewerId: user.id, scope: 'PROFILE', ...change });
    await this.spread.add(tx, { name: FOLLOWERS, id: user.id }, { scope: 'SOCIAL_GRAPH', ...change });
    return { userId: user.id };
  }

  private checkedProfile(user: UserRow, change: ProfileChange): Pick<UserRow, 'name' | 'handle' | 'bio' | 'private'> {
    const check = new InputCheck();
    const handle = change.handle ?? user.handle;
    const problem = handle === user.handle ? null : handleProblem(handle);
    if (problem) check.add(['input', 'handle'], problem);
    const name = change.name == null ? user.name : check.text(['input', 'name'], change.name, NAME_RULE);
    // An explicit null empties the bio; leaving it out keeps it.
    const bio = change.bio === undefined ? user.bio : check.text(['input', 'bio'], change.bio ?? '', BIO_RULE) || null;
    check.done();
    return { name, handle, bio, private: change.private ?? user.private };
  }

  /**
   * Locks the account against everything that is being done as this person or with them, until the transaction ends.
   * Null when it is deleted.
   */
  lockWhole(tx: Transaction, userId: string): Promise<UserRow | null> {
    return users.lockWhole(tx, userId);
  }

  /** Deletes an account that is locked whole: nobody finds the person any more, and nothing says who it was. */
  async retire(tx: Transaction, { id, handle }: Pick<UserRow, 'id' | 'handle'>): Promise<void> {
    const until = new Date(this.clock.ms() + HANDLE_HELD_DAYS * DAY_MS).toISOString();
    await users.holdHandle(tx, handleKey(handle), id, until);
    await users.markDeleted(tx, id, NOBODY, this.clock.now());
  }

  /** Releases the handles that deleted accounts have had for long enough. */
  releaseHandles(executor: Executor): Promise<void> {
    return users.releaseHeldHandles(executor, this.clock.now());
  }

  /** So that nothing else is begun for a handle that is taken; `create` decides. @throws UserErrors when it is. */
  async assertHandleFree(executor: Executor, handle: string): Promise<void> {
    const taken = await users.takenHandles(executor, [handleKey(handle)]);
    if (taken.size > 0) await this.refuseHandle(executor, handle);
  }

  private async claimHandle(tx: Transaction, handle: string, userId: string): Promise<void> {
    if (!(await users.claimHandle(tx, handleKey(handle), userId))) await this.refuseHandle(tx, handle);
  }

  private async refuseHandle(executor: Executor, handle: string): Promise<never> {
    const taken: HandleTakenError = {
      code: 'CONFLICT',
      message: 'Somebody else has this handle. Choose another one.',
      path: ['input', 'handle'],
      suggestions: await this.freeHandles(executor, handle),
    };
    throw new UserErrors([taken]);
  }

  private async freeHandles(executor: Executor, handle: string): Promise<string[]> {
    const candidates = [...new Set(similarHandles(handle, randomInt))].filter((like) => !handleProblem(like));
    const taken = await users.takenHandles(executor, candidates.map(handleKey));
    return candidates.filter((like) => !taken.has(handleKey(like))).slice(0, SUGGESTIONS_MAX);
  }
}
