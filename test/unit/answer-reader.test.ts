import { AnswerReader } from '../../bench/compare/answer-reader';

const LONG = 'é'.repeat(3_000);

function withLength(status: string, body: string): string {
  return `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function inChunks(status: string, ...bodies: readonly string[]): string {
  const chunks = [...bodies, ''].map((body) => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`);
  return `HTTP/1.1 ${status}\r\ntransfer-encoding: chunked\r\n\r\n${chunks.join('')}`;
}

/** How many pieces were needed; one buffer serves all of them, as on a connection. */
function readInPieces(reader: AnswerReader, answer: string, size: number): number {
  const bytes = Buffer.from(answer);
  const shared = Buffer.alloc(size);
  for (let at = 0, pieces = 1; at < bytes.length; at += size, pieces += 1) {
    const length = bytes.copy(shared, 0, at, at + size);
    if (reader.read(shared.subarray(0, length))) return pieces;
  }
  throw new Error('it has no end');
}

describe('the reader of the load generator', () => {
  const answers = [
    { form: 'with a length', answer: withLength('200 OK', LONG), bytes: 6_000 },
    { form: 'with a length of nothing', answer: withLength('200 OK', ''), bytes: 0 },
    { form: 'in chunks', answer: inChunks('200 OK', LONG, 'and more'), bytes: 6_008 },
  ];

  it.each(answers)('finds the end of an answer $form, however it is cut, and then the next', ({ answer, bytes }) => {
    const reader = new AnswerReader();
    for (const size of [1, 7, 64, 1_000, 100_000, 19]) {
      expect(readInPieces(reader, answer, size)).toBe(Math.ceil(Buffer.byteLength(answer) / size));
      expect([reader.status, reader.bodyBytes, reader.refusal]).toEqual([200, bytes, '']);
    }
  });

  it.each([
    { form: 'with a length', answer: withLength('503 Service Unavailable', 'not now') },
    { form: 'in chunks', answer: inChunks('503 Service Unavailable', 'not', ' now') },
  ])('tells what an answer $form says that is no good one, and nothing of it with the next', ({ answer }) => {
    const reader = new AnswerReader();
    for (const size of [100_000, 5]) {
      readInPieces(reader, answer, size);
      expect([reader.status, reader.refusal]).toEqual([503, 'not now']);
    }
    readInPieces(reader, withLength('200 OK', 'good'), 100_000);
    expect([reader.status, reader.refusal]).toEqual([200, '']);
  });

  it('refuses an answer whose end cannot be known, and what nobody has asked for', () => {
    expect(() => new AnswerReader().read(Buffer.from('HTTP/1.1 200 OK\r\n\r\nsomething'))).toThrow('where does');
    const twice = withLength('200 OK', 'good') + withLength('200 OK', 'good');
    expect(() => new AnswerReader().read(Buffer.from(twice))).toThrow('more has come');
  });
});
