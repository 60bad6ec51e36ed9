import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestApp } from '../support/app';

export interface RawReply {
  /** 0: the connection was closed without an answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Headers that every answer carries, whatever it is. */
export const SECURE: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
};

const PATIENCE_MS = 10_000;

/** Writes pieces of bytes to a connection, one after the other, and reads until the other side closes it. */
export function sendBytes(app: TestApp, pieces: readonly string[], pauseMs = 0): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(app.url);
    let answer = '';
    const socket = connect(Number(port), hostname, async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return;
        socket.write(piece);
        await delay(pauseMs);
      }
    });
    socket.setEncoding('utf8');
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('the connection is still open')));
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!['ECONNRESET', 'EPIPE'].includes(error.code ?? '')) reject(error);
    });
    socket.on('close', () => resolve(read(answer)));
  });
}

function read(answer: string): RawReply {
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => [line.split(':', 1)[0]?.toLowerCase() ?? '', line.replace(/^[^:]*: ?/, '')]);
  return {
    status: Number(first.split(' ')[1] ?? 0),
    headers: Object.fromEntries(headers),
    text: rest.join('\r\n\r\n'),
  };
}
