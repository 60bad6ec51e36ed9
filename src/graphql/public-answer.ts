import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { contentOfTag, SECURITY_HEADERS } from '../platform/http/hygiene';

/** An answer to a GET request as it goes out in one way of compressing it. */
interface Form {
  readonly body: Buffer;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly etag: string;
  /** Those of 304 Not Modified but for its ETag: it has no body to describe (RFC 9110 §15.4.5). */
  readonly bare: string[];
}

/** What is the same for everybody who asks alike; the state of somebody's budget is not. */
const KEPT_HEADERS = [
  'content-type',
  'content-encoding',
  'etag',
  'cache-control',
  'vary',
  'access-control-expose-headers',
  ...Object.keys(SECURITY_HEADERS),
];
const LEFT_OUT_OF_304 = new Set(['content-type', 'content-encoding', 'etag']);
/** Clients send one or two of each; a stranger who makes up more pushes out the oldest, which come back with a request. */
const FORMS_MAX = 8;
const URLS_MAX = 4;
const HEADERS_BYTES = 1_500;

/** A good answer to a stranger: the same for every stranger who asks the same, until something in it changes. */
export class PublicAnswer {
  /** What its strong ETag says, without how it is compressed. */
  readonly digest: string;
  /** Under which it is found without a closer look at the request. */
  readonly urls = new Set<string>();
  /** By what a client says that it can decompress. */
  private readonly forms = new Map<string, Form>();

  constructor(
    readonly operationName: string | null,
    readonly contentType: string,
    readonly body: Buffer,
    /** Seconds. */
    readonly maxAge: number,
    /** `performance.now()` when the reading of it began. */
    readonly bornAt: number,
  ) {
    this.digest = digestOf(body);
  }

  /** Keeps how it has just gone out, for the next who asks in the same way; answers by how many bytes it has grown. */
  keepForm(acceptEncoding: string, reply: FastifyReply, payload: string | Buffer): number {
    const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
    const sent = KEPT_HEADERS.flatMap((name) => {
      const value = reply.getHeader(name);
      return value === undefined ? [] : [[name, String(value)] as const];
    });
    const form: Form = {
      body,
      headers: [...sent, ['content-length', String(body.length)] as const].flat(),
      etag: String(reply.getHeader('etag')),
      bare: sent.filter(([name]) => !LEFT_OUT_OF_304.has(name)).flat(),
    };
    const before = this.bytesOfForms;
    this.forms.delete(acceptEncoding);
    this.forms.set(acceptEncoding, form);
    dropOldest(this.forms, FORMS_MAX);
    return this.bytesOfForms - before;
  }

  /** Adds a url by which it is found from now on; answers one that is given up for it, if any. */
  keepUrl(url: string): string | undefined {
    this.urls.add(url);
    return dropOldest(this.urls, URLS_MAX);
  }

  /** Whether nobody who asks like this has had it yet. */
  lacks(url: string, acceptEncoding: string): boolean {
    return !this.urls.has(url) || !this.forms.has(acceptEncoding);
  }

  /** Sends it; false when it has not yet gone out in a way that this client can take. */
  send({ method, headers }: IncomingMessage, response: ServerResponse): boolean {
    const form = this.forms.get(headers['accept-encoding'] ?? '');
    if (!form) return false;
    const match = knownTag(headers['if-none-match'], this.digest);
    if (match) {
      response.writeHead(304, [...form.bare, 'etag', match === '*' ? form.etag : match]).end();
      return true;
    }
    response.writeHead(200, form.headers);
    if (method === 'HEAD') response.end();
    else response.end(form.body);
    return true;
  }

  private get bytesOfForms(): number {
    let bytes = 0;
    for (const [name, { body }] of this.forms) bytes += body.length + name.length + HEADERS_BYTES;
    return bytes;
  }
}

/** How an answer with errors begins. */
const FAILURE = Buffer.from('{"errors"');

export function isFailure(body: Buffer): boolean {
  return body.subarray(0, FAILURE.length).equals(FAILURE);
}

/** What the ETag of a body says. */
export function digestOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

/** The tag by which a client says that it has this answer, in whatever form, or `*`; undefined when it has not. */
export function knownTag(ifNoneMatch: string | undefined, digest: string): string | undefined {
  const known = ifNoneMatch?.split(',').map((each) => each.trim());
  return known?.find((each) => each === '*' || contentOfTag(each) === digest)?.replace(/^W\//, '');
}

function dropOldest<Key>(kept: Map<Key, unknown> | Set<Key>, max: number): Key | undefined {
  if (kept.size <= max) return undefined;
  const [oldest] = kept.keys();
  kept.delete(oldest as Key);
  return oldest;
}
