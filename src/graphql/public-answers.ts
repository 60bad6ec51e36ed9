import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { canonicalJson } from '../kernel/canonical-json';
import { type Moment, TaggedCache } from '../platform/cache/tagged-cache';
import type { Touched } from '../platform/cache/touched';
import { whenSent } from '../platform/http/hygiene';
import type { Log } from '../platform/telemetry/log';
import { AnswerTags } from './answer-tags';
import { publicMaxAge } from './cache-hints';
import { nameShown } from './operation-log';
import { hashDocument } from './pipeline/documents';
import type { PreparedOperation } from './pipeline/pipeline';
import type { OperationRequest } from './pipeline/request';
import { isPreflighted } from './preflight';
import { isFailure, PublicAnswer } from './public-answer';

export interface PublicAnswersOptions {
  readonly schema: GraphQLSchema;
  /** Of all answers kept; 0 keeps none. */
  readonly maxBytes: number;
  readonly touched: Touched;
  /** Whether changes made by other processes are known to arrive. */
  readonly hears: () => boolean;
  readonly log: Log;
}

/** Where the answer to one request stands, if it is kept. */
export interface Place {
  /** Of document, operation, variables and media type. */
  readonly key: string;
  /** The request as sent; null when it has to be looked at each time. */
  readonly url: string | null;
  /** Seconds. */
  readonly maxAge: number;
  readonly operationName: string | null;
}

/** What an execution has made. */
export interface Made {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Of what names an answer; nothing longer is kept. */
const NAME_LENGTH_MAX = 4_096;
/** Longest life of an answer while other processes cannot tell of their changes. */
const DEAF_LIFE_MS = 2_000;
const REPORT_MS = 1_000;
/** Somebody may wait for others in vain so many times. */
const WAITS_MAX = 2;
const KEY_LENGTH = 64;

/**
 * The answers to GET requests of strangers, in this process: found again before anything of a request is parsed, until
 * something in them changes or their hint runs out. Each process keeps its own: a hit takes no round trip, and a miss
 * reads rows that processes share. What is asked for a second time within a while is kept, so that a flood of requests
 * that differ passes by. A hit takes nothing from any budget and is given under overload: it reads nothing, and costs
 * less than a refusal does.
 */
export class PublicAnswers {
  private readonly cache: TaggedCache<PublicAnswer>;
  private readonly byUrl = new Map<string, { readonly key: string; readonly answer: PublicAnswer }>();
  private readonly flights = new Map<string, Promise<PublicAnswer | null>>();
  private readonly unlisten: () => void;
  private hits = new Map<string | null, number>();
  private reporting: NodeJS.Timeout | undefined;

  constructor(private readonly options: PublicAnswersOptions) {
    this.cache = new TaggedCache<PublicAnswer>({
      maxBytes: options.maxBytes,
      onDrop: (answer) => {
        for (const url of answer.urls) this.byUrl.delete(url);
      },
    });
    this.unlisten = options.touched.listen((tags) => (tags ? this.cache.purge(tags) : this.cache.clear()));
  }

  /** Answers a request by the like of it that was answered before; false when somebody has to look at it. */
  readonly serve = (request: IncomingMessage, response: ServerResponse): boolean => {
    const { headers, url = '' } = request;
    if (!isReading(request.method)) return false;
    const found = this.byUrl.get(nameOf(headers, url));
    if (!found || !isPlain(headers)) return false;
    const answer = this.find(found.key);
    if (answer !== found.answer || !answer.send(request, response)) return false;
    this.count(answer);
    return true;
  };

  /** Where the answer to a request is kept or would be; null when it is for its asker alone. */
  placeOf(request: FastifyRequest, sent: OperationRequest, prepared: PreparedOperation): Place | null {
    const { headers } = request;
    if (this.options.maxBytes === 0 || !isReading(request.method) || !isStranger(headers)) return null;
    const maxAge = publicMaxAge(this.options.schema, prepared);
    if (maxAge === 0) return null;
    const variables = canonicalJson(declaredVariables(prepared));
    const { hash, operationName } = prepared;
    const name = [hash, operationName ?? '', headers.accept ?? '', variables].join('\n');
    if (name.length > NAME_LENGTH_MAX) return null;
    const url = nameOf(headers, request.url);
    // A text sent with its hash registers the document, which an answer found by its url would not.
    const isTold = (sent.automatic && sent.query !== null) || url.length > NAME_LENGTH_MAX;
    return { key: hashDocument(name), url: isTold ? null : url, maxAge, operationName };
  }

  find(key: string): PublicAnswer | undefined {
    const answer = this.cache.get(key);
    if (!answer) return undefined;
    const lifeMs = this.options.hears() ? answer.maxAge * 1_000 : Math.min(answer.maxAge * 1_000, DEAF_LIFE_MS);
    if (performance.now() - answer.bornAt < lifeMs) return answer;
    this.cache.drop(key);
    return undefined;
  }

  /**
   * Answers what is not kept: by `make`, or by what somebody else is making of the same right now, unless something in
   * it changes meanwhile.
   * @param make notes what it reads; what it throws is thrown.
   */
  async share(place: Place, make: (tags: AnswerTags) => Promise<Made>): Promise<Made | PublicAnswer> {
    for (let waits = 0; waits < WAITS_MAX && this.flights.has(place.key); waits += 1) {
      const answer = await this.flights.get(place.key);
      if (answer) return answer;
    }
    const tags = new AnswerTags();
    if (this.flights.has(place.key)) return make(tags);
    let land: (answer: PublicAnswer | null) => void = () => {};
    this.flights.set(place.key, new Promise((resolve) => (land = resolve)));
    let answer: PublicAnswer | null = null;
    try {
      const since = this.cache.moment();
      const bornAt = performance.now();
      const made = await make(tags);
      answer = this.keep(place, made, tags, since, bornAt);
      return made;
    } finally {
      this.flights.delete(place.key);
      land(answer);
    }
  }

  /** To be called before a kept answer is sent: how it goes out is remembered for the next. */
  watch(place: Place, answer: PublicAnswer, { method, headers }: FastifyRequest, reply: FastifyReply): void {
    const { url } = place;
    const acceptEncoding = headers['accept-encoding'] ?? '';
    if (method !== 'GET' || url === null || !isPlain(headers) || !answer.lacks(url, acceptEncoding)) return;
    if (acceptEncoding.length > NAME_LENGTH_MAX) return;
    whenSent(reply, (payload) => {
      if (reply.statusCode !== 200) return;
      if (this.cache.get(place.key) !== answer) return;
      const given = answer.keepUrl(url);
      if (given !== undefined) this.byUrl.delete(given);
      this.byUrl.set(url, { key: place.key, answer });
      const grown = answer.keepForm(acceptEncoding, reply, payload) + 2 * (url.length - (given?.length ?? 0));
      this.cache.grow(place.key, grown);
    });
  }

  /** Adds one to the hits of an operation, which are logged together: a line for each would cost as much as the hit. */
  count({ operationName }: PublicAnswer): void {
    this.hits.set(operationName, (this.hits.get(operationName) ?? 0) + 1);
    this.reporting ??= setTimeout(() => this.report(), REPORT_MS).unref();
  }

  close(): void {
    this.unlisten();
    clearTimeout(this.reporting);
    this.report();
  }

  private keep(place: Place, made: Made, noted: AnswerTags, since: Moment, bornAt: number): PublicAnswer | null {
    const { all: tags } = noted;
    const contentType = made.headers.get('content-type');
    if (made.status !== 200 || isFailure(made.body) || !contentType || !tags) return null;
    if (!this.cache.isCurrent(tags, since)) return null;
    const answer = new PublicAnswer(place.operationName, contentType, made.body, place.maxAge, bornAt);
    if (this.cache.wasAsked(place.key)) {
      this.cache.put(place.key, answer, made.body.length + KEY_LENGTH, tags, since);
    }
    return answer;
  }

  private report(): void {
    const { hits } = this;
    this.hits = new Map();
    this.reporting = undefined;
    for (const [name, count] of hits) {
      this.options.log.info({ operation: nameShown(name), count }, 'answered from cache');
    }
  }
}

/** The `Accept` header belongs to what is asked; RFC 9110 §12.5.1. */
function nameOf({ accept = '' }: IncomingHttpHeaders, url: string): string {
  return `${accept} ${url}`;
}

export function isReading(method: string | undefined): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Nothing in the request says who sends it, and nothing in it would be refused further on. */
function isStranger(headers: IncomingHttpHeaders): boolean {
  const { authorization, cookie, dpop } = headers;
  const type = headers['content-type'];
  const isJson = type === undefined || type === 'application/json';
  return authorization === undefined && cookie === undefined && dpop === undefined && isJson;
}

/** A stranger's request that is answered alike whatever else it says. */
function isPlain(headers: IncomingHttpHeaders): boolean {
  const { origin } = headers;
  return (
    origin === undefined && headers['x-no-compression'] === undefined && isStranger(headers) && isPreflighted(headers)
  );
}

/** Others change nothing, and would make many names for one answer. */
function declaredVariables({ operation, variables }: PreparedOperation): Record<string, unknown> {
  const names = operation.variableDefinitions?.map(({ variable }) => variable.name.value) ?? [];
  return Object.fromEntries(names.flatMap((name) => (Object.hasOwn(variables, name) ? [[name, variables[name]]] : [])));
}
