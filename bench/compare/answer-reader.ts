const HEAD_END = '\r\n\r\n';
const REFUSAL_SHOWN = 500;
const CHUNK_LINE_END = '\r\n';

/** Finds the end of the answers of one connection, which come one after the other (RFC 9112 §6 and §7.1). */
export class AnswerReader {
  /** Of the last answer. */
  status = 0;
  bodyBytes = 0;
  /** How the body of an answer begins that is not 200. */
  refusal = '';
  /** Bytes of a body of known length that are to come; null while a head or chunks are read. */
  private left: number | null = null;
  /** What has come of a head, or of a body in chunks with its head, and is not whole yet. */
  private held: Buffer = EMPTY;

  /**
   * True when the answer ends with this piece. The piece may be overwritten afterwards.
   * @throws for what is no answer, or has neither a length nor chunks.
   */
  read(piece: Buffer): boolean {
    if (this.left !== null) return this.readBody(piece);
    const all = this.held.length === 0 ? piece : Buffer.concat([this.held, piece]);
    const headEnd = all.indexOf(HEAD_END);
    if (headEnd < 0) return this.hold(all);
    const head = all.toString('latin1', 0, headEnd);
    const body = all.subarray(headEnd + HEAD_END.length);
    this.status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length !== undefined) {
      this.held = EMPTY;
      this.bodyBytes = Number(length);
      this.left = this.bodyBytes;
      this.refusal = '';
      return this.readBody(body);
    }
    if (!/\r\ntransfer-encoding: *chunked/i.test(head)) throw new Error(`where does this answer end? ${head}`);
    const chunks = readChunks(body);
    if (!chunks) return this.hold(all);
    this.held = EMPTY;
    this.bodyBytes = chunks.bytes;
    this.refusal = this.status === 200 ? '' : chunks.beginning;
    return true;
  }

  private readBody(piece: Buffer): boolean {
    if (this.status !== 200) this.refusal = (this.refusal + piece.toString()).slice(0, REFUSAL_SHOWN);
    const left = (this.left ?? 0) - piece.length;
    if (left < 0) throw new Error('more has come than was asked for');
    this.left = left === 0 ? null : left;
    return left === 0;
  }

  private hold(all: Buffer): false {
    this.held = Buffer.from(all);
    return false;
  }
}

const EMPTY = Buffer.alloc(0);

/** Null while the last chunk, which is empty, is not there; trailers are not sent by anybody here. */
function readChunks(body: Buffer): { readonly bytes: number; readonly beginning: string } | null {
  let at = 0;
  let bytes = 0;
  let beginning = '';
  for (;;) {
    const lineEnd = body.indexOf(CHUNK_LINE_END, at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(body.toString('latin1', at, lineEnd), 16);
    const from = lineEnd + CHUNK_LINE_END.length;
    at = from + size + CHUNK_LINE_END.length;
    if (at > body.length) return null;
    if (size === 0) return { bytes, beginning };
    bytes += size;
    if (beginning.length < REFUSAL_SHOWN)
      beginning += body.toString('utf8', from, from + Math.min(size, REFUSAL_SHOWN));
  }
}
