import { setTimeout as delay } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import { CloseCode, type Message, MessageType, parseMessage, type SubscribeMessage } from 'graphql-ws';
import { Gone } from './caller';
import type { Frames, Operations } from './operations';
import { Refusal } from './pipeline/refusal';
import { readOperationRequest } from './pipeline/request';
import type { SocketSession } from './socket-session';

/** How long a new operation waits for one that its client has completed, and that takes a moment to end. */
const ENDING_CHECK_MS = 5;
const ENDING_TRIES = 100;
const ACKNOWLEDGED = '{"type":"connection_ack"}';
/** Without the payload of the ping: it may hold a token. */
const PONG = '{"type":"pong"}';

/** One operation of one socket. */
interface Carried {
  frames: Frames | null;
  /** Its client wants nothing of it any more, and may have given its id to another one. */
  completed: boolean;
  /** Nobody waits for its answer: its client has completed it, or is gone. */
  readonly gone: Gone;
}

/**
 * The service's side of the graphql-transport-ws protocol on one socket. The server half of graphql-ws is not used: it
 * keeps operations by id, so that one whose id is used again before it has ended is lost sight of and never ends.
 */
export class SocketProtocol {
  private begun = false;
  private acknowledged = false;
  private running = 0;
  /** What the client has not completed, by its name for it. */
  private readonly wanted = new Map<string, Carried>();

  constructor(
    private readonly session: SocketSession,
    private readonly operations: Operations,
    /** Operations open at once. */
    private readonly operationsMax: number,
  ) {
    session.gone.listen(() => {
      for (const operation of this.wanted.values()) abandon(operation);
    });
  }

  /** Whether the client has sent `connection_init`. */
  get hasBegun(): boolean {
    return this.begun;
  }

  /** Does what a message asks for; resolves when that is done. Rejects for faults of ours only. */
  async take(text: string): Promise<void> {
    const { session } = this;
    let message: Message;
    try {
      message = parseMessage(text);
    } catch {
      return session.close(CloseCode.BadRequest, 'Invalid message received');
    }
    switch (message.type) {
      case MessageType.ConnectionInit:
        if (this.begun) return session.close(CloseCode.TooManyInitialisationRequests, 'connection_init was sent twice');
        this.begun = true;
        if (!(await session.signIn(message.payload))) return;
        this.acknowledged = true;
        return session.send(ACKNOWLEDGED);
      case MessageType.Ping:
        await session.renew(message.payload);
        return session.send(PONG);
      case MessageType.Pong:
        return;
      case MessageType.Subscribe:
        return this.subscribe(message);
      case MessageType.Complete:
        return this.complete(message.id);
      default:
        return session.close(CloseCode.BadRequest, 'This message is none that a client sends');
    }
  }

  private complete(id: string): void {
    const operation = this.wanted.get(id);
    if (!operation) return;
    this.wanted.delete(id);
    operation.completed = true;
    abandon(operation);
  }

  private async subscribe({ id, payload }: SubscribeMessage): Promise<void> {
    const { session } = this;
    if (!this.acknowledged) return session.close(CloseCode.Unauthorized, 'Send connection_init first');
    if (this.wanted.has(id)) return session.close(CloseCode.SubscriberAlreadyExists, 'This id is in use');
    // Until a client confirms that it closes, it can still send, and nothing may run on a token that has ended.
    if (!session.open) return;
    const operation: Carried = { frames: null, completed: false, gone: new Gone() };
    this.wanted.set(id, operation);
    const refusal = await this.countOneMore();
    if (refusal) return this.fail(id, operation, [refusal]);
    try {
      await this.run(id, payload, operation);
    } finally {
      this.running -= 1;
    }
  }

  /** Counts one more as running, or says why there cannot be one. */
  private async countOneMore(): Promise<GraphQLError | null> {
    if (!this.session.mayBegin()) return limited('Too many operations too fast on one socket. Slow down.');
    const { operationsMax } = this;
    for (let tries = 0; this.running >= operationsMax && tries < ENDING_TRIES; tries += 1) {
      if (this.wanted.size > operationsMax) break;
      await delay(ENDING_CHECK_MS);
    }
    if (this.running < operationsMax) {
      this.running += 1;
      return null;
    }
    return limited(`A socket carries at most ${operationsMax} operations at once. Complete some first.`);
  }

  private async run(id: string, payload: unknown, operation: Carried): Promise<void> {
    const { session, operations } = this;
    // Its client may have completed it while it waited.
    if (operation.completed || !session.open) return;
    const caller = { ...session.caller(), gone: operation.gone };
    let frames: Frames;
    try {
      frames = await operations.run(await operations.admit(() => readOperationRequest(payload), caller));
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return this.fail(id, operation, refusal.errors);
    }
    operation.frames = frames;
    const live = () => !operation.completed && session.open;
    const head = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
    if (!live()) frames.close();
    for (let frame = await frames.next(); frame && live(); frame = await frames.next()) {
      await session.send(`${head}${frame.payload}}`);
    }
    frames.close();
    if (this.forget(id, operation)) await session.send(`{"id":${JSON.stringify(id)},"type":"complete"}`);
  }

  private async fail(id: string, operation: Carried, errors: readonly GraphQLError[]): Promise<void> {
    if (!this.forget(id, operation)) return;
    const payload = errors.map((error) => error.toJSON());
    await this.session.send(JSON.stringify({ id, type: MessageType.Error, payload }));
  }

  /** False when the client has completed it, and waits for no word of it. */
  private forget(id: string, operation: Carried): boolean {
    return !operation.completed && this.wanted.delete(id);
  }
}

/** What runs for it ends. */
function abandon({ frames, gone }: Carried): void {
  gone.happen();
  frames?.close();
}

function limited(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'RATE_LIMITED' } });
}
