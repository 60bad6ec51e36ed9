import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../kernel/clock';
import { decodeId, encodeId } from '../../kernel/ids';
import type { Viewer } from '../../kernel/viewer';
import { USER_PREFIX } from '../accounts';
import type { DataExportRow } from './data-export.entity';
import type { ExportKey } from './data-export.repository';

export const EXPORT_PREFIX = 'export';
export const EXPORTS_PATH = '/exports';

export interface ExportLinkOptions {
  /** Signs links. */
  readonly key: Buffer;
  /** Where this service is reached from outside. */
  readonly baseUrl: string;
  readonly linkMinutes: number;
}

const SECONDS = /^[1-9]\d{0,11}$/;

/**
 * Makes links under which an export can be fetched without a token, as what downloads files on phones does. Each says
 * until when it holds, and is signed (HMAC-SHA256) for that one export of that one person.
 */
export class ExportLinks {
  constructor(
    private readonly clock: Clock,
    private readonly options: ExportLinkOptions,
  ) {}

  /** Null where there is nothing to fetch, and for any session but the one that asked for the export. */
  linkTo({ id, userId, sessionId, state, expiresAt }: DataExportRow, viewer: Viewer | null): string | null {
    if (viewer?.userId !== userId || viewer.sessionId !== sessionId) return null;
    const now = this.clock.ms();
    const end = expiresAt === null ? 0 : Date.parse(expiresAt);
    if (state !== 'DONE' || end <= now) return null;
    const until = Math.floor(Math.min(now + this.options.linkMinutes * 60_000, end) / 1_000);
    const query = new URLSearchParams({
      owner: encodeId(USER_PREFIX, userId),
      until: String(until),
      signature: this.sign({ userId, id }, until).toString('base64url'),
    });
    return `${this.options.baseUrl}${EXPORTS_PATH}/${encodeId(EXPORT_PREFIX, id)}?${query}`;
  }

  /** Which export a link is for; null unless it was made here and still holds. Asks no store. */
  read(exportId: string, query: Readonly<Record<string, unknown>>): ExportKey | null {
    const { owner, until, signature } = query;
    if (typeof owner !== 'string' || typeof until !== 'string' || typeof signature !== 'string') return null;
    const id = decodeId(exportId);
    const user = decodeId(owner);
    if (id?.prefix !== EXPORT_PREFIX || user?.prefix !== USER_PREFIX || !SECONDS.test(until)) return null;
    const key = { userId: user.uuid, id: id.uuid };
    const expected = Buffer.from(this.sign(key, Number(until)).toString('base64url'));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
    return Number(until) * 1_000 > this.clock.ms() ? key : null;
  }

  private sign({ userId, id }: ExportKey, until: number): Buffer {
    return createHmac('sha256', this.options.key).update(`${userId}\0${id}\0${until}`).digest();
  }
}
