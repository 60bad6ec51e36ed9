import { types } from 'pg';
import { compileReader } from './row-reader';

/** Makes the object of a row out of the body of its DataRow message. @throws Error when it has other columns. */
export type DecodeRow = (bytes: Buffer, start: number, end: number) => object;

export interface Column {
  readonly name: string;
  readonly dataTypeID: number;
}

const BOOL = 16;
const INT8 = 20;
const INT2 = 21;
const INT4 = 23;
const TEXT = 25;
const VARCHAR = 1043;
const TIMESTAMPTZ = 1184;
const UUID = 2950;

/** Rows are JSON: `timestamptz` is read as RFC 3339 text in UTC with milliseconds, `int8` as a number. */
export function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (format !== 'binary') {
    if (oid === TIMESTAMPTZ) return timestampText;
    if (oid === INT8) return Number;
  }
  return types.getTypeParser(oid, format as 'text');
}

/** `2026-01-02 03:04:05.6+00` as `2026-01-02T03:04:05.600Z`; other offsets take the long way through Date. */
function timestampText(text: string): string {
  if (!text.endsWith('+00')) return new Date(text.replace(/([+-]\d\d)$/, '$1:00')).toISOString();
  const fraction = text.slice(20, -3).padEnd(3, '0');
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction}Z`;
}

/** Reads a value: of a row's bytes, between two places in them, and of the same bytes as characters, from a third on. */
type ReadValue = (bytes: Buffer, at: number, end: number, characters: string, place: number) => unknown;

/**
 * Compiles how rows of these columns are read. All of a row becomes one string, of which its values are parts; only
 * what may hold more than ASCII is decoded by itself.
 */
export function compileDecoder(columns: readonly Column[]): DecodeRow {
  const arrange = compileReader(columns.map(({ name }) => name));
  const reads = columns.map(({ dataTypeID }) => readerOf(dataTypeID));
  const isTime = columns.map(({ dataTypeID }) => dataTypeID === TIMESTAMPTZ);
  const times = isTime.lastIndexOf(true) + 1;
  const values = new Array<unknown>(columns.length);
  return (bytes, start, end) => {
    if (bytes.readUInt16BE(start) !== values.length) throw new Error('the columns of a statement have changed');
    const first = start + COUNT_BYTES;
    let at = first;
    for (let n = 0; n < times; n += 1) {
      const length = bytes.readInt32BE(at);
      at += LENGTH_BYTES;
      if (isTime[n]) rewriteTime(bytes, at, length);
      if (length > 0) at += length;
    }
    const characters = bytes.toString('latin1', first, end);
    at = first;
    for (let n = 0; n < values.length; n += 1) {
      const length = bytes.readInt32BE(at);
      at += LENGTH_BYTES;
      const read = reads[n] as ReadValue;
      values[n] = length < 0 ? null : read(bytes, at, at + length, characters, at - first);
      if (length > 0) at += length;
    }
    return arrange(values);
  };
}

const COUNT_BYTES = 2;
const LENGTH_BYTES = 4;

function readerOf(oid: number): ReadValue {
  if (oid === UUID) return readAscii;
  if (oid === TEXT || oid === VARCHAR) return readText;
  if (oid === INT4 || oid === INT8 || oid === INT2) return readInteger;
  if (oid === BOOL) return (bytes, at) => bytes[at] === TRUE;
  const parse = getTypeParser(oid);
  if (oid !== TIMESTAMPTZ) return (bytes, at, end) => parse(bytes.toString('utf8', at, end));
  return (bytes, at, end, characters, place) =>
    bytes[at + DATE_LENGTH] === T
      ? characters.substring(place, place + TIME_LENGTH)
      : parse(bytes.toString('latin1', at, end));
}

const TRUE = 't'.charCodeAt(0);
const T = 'T'.charCodeAt(0);
const Z = 'Z'.charCodeAt(0);
const PLUS = '+'.charCodeAt(0);
const MINUS = '-'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);
const DATE_LENGTH = 10;
const TIME_LENGTH = 24;

/** `2026-01-02 03:04:05.678+00` as `2026-01-02T03:04:05.678Z`, in its place. What is written in another way stays. */
function rewriteTime(bytes: Buffer, at: number, length: number): void {
  const zone = at + TIME_LENGTH - 1;
  if (length !== TIME_LENGTH + 2 || bytes[zone] !== PLUS) return;
  if (bytes[zone + 1] !== ZERO || bytes[zone + 2] !== ZERO) return;
  bytes[at + DATE_LENGTH] = T;
  bytes[zone] = Z;
}

const readAscii: ReadValue = (_bytes, at, end, characters, place) => characters.substring(place, place + end - at);

/** Up to here it takes longer to call the decoder than to look at each byte. */
const SHORT = 64;

const readText: ReadValue = (bytes, at, end, characters, place) => {
  if (end - at > SHORT) return bytes.toString('utf8', at, end);
  for (let n = at; n < end; n += 1) if ((bytes[n] as number) > MAX_ASCII) return bytes.toString('utf8', at, end);
  return characters.substring(place, place + end - at);
};
const MAX_ASCII = 0x7f;

/** So many digits are a number exactly. */
const SAFE_LENGTH = 15;

const readInteger: ReadValue = (bytes, at, end) => {
  if (end - at > SAFE_LENGTH) return Number(bytes.toString('latin1', at, end));
  const isNegative = bytes[at] === MINUS;
  let number = 0;
  for (let n = isNegative ? at + 1 : at; n < end; n += 1) number = number * 10 + (bytes[n] as number) - ZERO;
  return isNegative ? -number : number;
};
