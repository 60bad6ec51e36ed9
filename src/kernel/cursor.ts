import { createHmac, timingSafeEqual } from 'node:crypto';
import { BadInput } from './errors';

/** Where a page begins or ends: the keyset of the row there. */
export type Position = readonly (string | number)[];

const MAC_BYTES = 12;
/** No cursor of ours is longer; a longer text is refused before any work. */
const CURSOR_LENGTH_MAX = 512;

/**
 * Makes page cursors opaque and authenticated (HMAC-SHA-256 truncated to 96 bits, RFC 2104 §5). A cursor is bound to
 * the list it was made for, so that a forged one, one of another list, or one of an older format is refused and never
 * read as a position in the wrong list.
 */
export class CursorCodec {
  constructor(private readonly key: Buffer) {}

  encode(list: string, position: Position): string {
    const body = Buffer.from(JSON.stringify(position));
    return Buffer.concat([this.mac(list, body), body]).toString('base64url');
  }

  /** @throws BadInput when the cursor was not made by `encode` for the same list. */
  decode(list: string, cursor: string): Position {
    if (cursor.length <= CURSOR_LENGTH_MAX) {
      const bytes = Buffer.from(cursor, 'base64url');
      const body = bytes.subarray(MAC_BYTES);
      // base64url decoding ignores stray characters; only the canonical text is a cursor.
      if (body.length > 0 && bytes.toString('base64url') === cursor) {
        if (timingSafeEqual(bytes.subarray(0, MAC_BYTES), this.mac(list, body))) return JSON.parse(body.toString());
      }
    }
    throw new BadInput(
      'This cursor does not belong to this list. Send one that this list answered, or leave it out to start over.',
    );
  }

  private mac(list: string, body: Buffer): Buffer {
    return createHmac('sha256', this.key).update(`${list}\0`).update(body).digest().subarray(0, MAC_BYTES);
  }
}
