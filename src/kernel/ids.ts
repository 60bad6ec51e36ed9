import { fromString, TypeID } from 'typeid-js';
import { uuidv7 } from 'uuidv7';

/** What a TypeID says: the kind of node (its prefix) and the UUID that the database knows it by. */
export interface NodeId {
  readonly prefix: string;
  readonly uuid: string;
}

const UUID_VERSION_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** A prefix, an underscore and 26 base32 characters; anything longer is not worth parsing. */
const TYPE_ID_LENGTH_MAX = 64;

/** Makes the source of new ids: UUIDv7 (RFC 9562), ascending within a process. */
export type NewId = () => string;
export const newId: NewId = uuidv7;

/** Writes a UUID as the TypeID that apps see, e.g. `post_01h455vb4pex5vsknk084sn02q` (TypeID specification 0.3). */
export function encodeId(prefix: string, uuid: string): string {
  const hex = uuid.replaceAll('-', '');
  // 26 characters of 5 bits hold 130, of which the first two are none of the UUID's: 2 + 8 bits, then 20 at a time.
  let suffix = PAIRS[Number.parseInt(hex.slice(0, 2), 16)] ?? '';
  for (let at = 2; at < 32; at += 5) {
    const bits = Number.parseInt(hex.slice(at, at + 5), 16);
    suffix += `${PAIRS[bits >> 10]}${PAIRS[bits & 1_023]}`;
  }
  return `${prefix}_${suffix}`;
}

/** Crockford's base32 in small letters, as the TypeID specification has it. */
const DIGITS = [...'0123456789abcdefghjkmnpqrstvwxyz'];
/** The two digits of every ten bits: a page has hundreds of ids, and the library takes ten times as long for one. */
const PAIRS = DIGITS.flatMap((first) => DIGITS.map((second) => `${first}${second}`));

/** Reads a TypeID. Null when the text is not one, or when the UUID in it is not a UUIDv7. Never throws. */
export function decodeId(text: string): NodeId | null {
  if (text.length > TYPE_ID_LENGTH_MAX) return null;
  try {
    const id = TypeID.fromString(fromString(text));
    const uuid = id.toUUID();
    return id.getType() !== '' && UUID_VERSION_7.test(uuid) ? { prefix: id.getType(), uuid } : null;
  } catch {
    return null;
  }
}
