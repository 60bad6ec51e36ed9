import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../../kernel/clock';
import { sha256 } from '../../kernel/digest';
import { refuse } from '../../kernel/errors';
import type { NewId } from '../../kernel/ids';
import type { Enqueue, Task } from '../../platform/jobs/jobs';
import type { Mailer } from '../../platform/mail/mailer';
import type { Database, Executor, Transaction } from '../../platform/postgres/database';
import type { MailKind, MailRow } from './mail.entity';
import * as mails from './mail.repository';
import { composeMail } from './mail.texts';

/** Job: sends one mail. Payload `{ id }`. */
export const SEND_MAIL = 'passwords.send-mail';

const SEED_BYTES = 32;
/** A token is base64url of 32 bytes; nothing else is worth a look in the database. */
const TOKEN = /^[\w-]{43}$/;
/** What tells of something is news for that long. */
const NOTICE_MS = 3 * 86_400_000;

export type LinkKind = 'verify-email' | 'change-email' | 'reset-password';

export interface MailOptions {
  /** Together with a seed from the database it gives the token of a link. */
  readonly key: Buffer;
  readonly linkUrl: string;
  readonly linkLifeMs: Readonly<Record<LinkKind, number>>;
}

/** Mails that are sent by a job once the transaction is durable that asks for them, and the links in them. */
export class MailService {
  constructor(
    private readonly clock: Clock,
    private readonly newId: NewId,
    private readonly enqueue: Enqueue,
    private readonly mailer: Mailer,
    private readonly options: MailOptions,
  ) {}

  /** A mail with a link that works once, for this account and address. */
  async sendLink(tx: Transaction, userId: string, kind: LinkKind, email: string): Promise<void> {
    const seed = randomBytes(SEED_BYTES).toString('base64url');
    const tokenHash = sha256(this.tokenOf(kind, seed));
    await this.post(tx, { userId, kind, email, seed, tokenHash }, this.options.linkLifeMs[kind]);
  }

  async sendNotice(tx: Transaction, userId: string, kind: Exclude<MailKind, LinkKind>, email: string): Promise<void> {
    await this.post(tx, { userId, kind, email, seed: null, tokenHash: null }, NOTICE_MS);
  }

  /**
   * The mail that a token came with, whether or not the token is still good: that `use` decides.
   * @throws UserErrors INVALID when no mail of these kinds had this token.
   */
  async findByToken(executor: Executor, token: string, kinds: readonly LinkKind[]): Promise<MailRow> {
    const mail = TOKEN.test(token) ? await mails.findByToken(executor, sha256(token)) : null;
    return mail && (kinds as readonly MailKind[]).includes(mail.kind) ? mail : this.refuse();
  }

  /** @throws UserErrors INVALID when the token was used before, has ended or has been made worthless. */
  async use(tx: Transaction, mail: MailRow): Promise<void> {
    if (!(await mails.use(tx, mail.id, this.clock.now()))) this.refuse();
  }

  /** Whether `use` would succeed now. */
  isOpen(mail: MailRow): boolean {
    return mail.usedAt === null && mail.expiresAt > this.clock.now();
  }

  refuse(): never {
    return refuse('INVALID', 'This link was used before, or is too old. Ask for a new one.', ['input', 'token']);
  }

  async voidLinks(tx: Transaction, userId: string, kinds: readonly LinkKind[]): Promise<void> {
    await mails.voidLinks(tx, userId, kinds, this.clock.now());
  }

  /** Sends a mail that waits. One that is interrupted between sending and noting so is sent twice. */
  taskOf(db: Database): Task {
    return async (payload) => {
      const mail = await mails.findById(db, (payload as { id: string }).id);
      if (!mail || mail.sentAt !== null || !this.isOpen(mail)) return;
      const token = mail.seed && this.tokenOf(mail.kind, mail.seed);
      // Made with another key, which the hash tells: the link would be worth nothing.
      if (token && sha256(token) !== mail.tokenHash) return;
      await this.mailer.send(composeMail(mail.kind, mail.email, this.options.linkUrl, token));
      await mails.markSent(db, mail.id, this.clock.now());
    };
  }

  private async post(
    tx: Transaction,
    mail: Pick<MailRow, 'userId' | 'kind' | 'email' | 'seed' | 'tokenHash'>,
    livesMs: number,
  ): Promise<void> {
    const id = this.newId();
    const now = this.clock.ms();
    const times = { createdAt: new Date(now).toISOString(), expiresAt: new Date(now + livesMs).toISOString() };
    await mails.insert(tx, { id, ...mail, ...times, sentAt: null, usedAt: null });
    await this.enqueue(tx, SEND_MAIL, { id });
  }

  private tokenOf(kind: MailKind, seed: string): string {
    return createHmac('sha256', this.options.key).update(`${kind}:${seed}`).digest('base64url');
  }
}
