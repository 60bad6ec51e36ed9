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
  return TypeID.fromUUID(prefix, uuid).toString();
}

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
