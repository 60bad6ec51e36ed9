import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import type { RequestContext } from './context';

export type EventStream = AsyncIterableIterator<ExecutionResult>;

/** What a subscription delivers, before it is executed. */
export interface EventSource<Event> extends AsyncIterableIterator<Event> {
  /**
   * Asked for each event at its delivery, in the event's own context: an event may have waited while rights changed.
   * One that is not admitted is passed over.
   */
  admits?(context: RequestContext, event: Event): Promise<boolean>;
}

/**
 * Subscribes, and executes each event in a context of its own: with one context for the whole stream, the second event
 * would show what the loaders cached for the first.
 * @returns the stream, or a result with errors when the subscription was refused.
 */
export async function subscribeLive(
  args: ExecutionArgs,
  openContext: () => RequestContext,
): Promise<EventStream | ExecutionResult> {
  const source = await createSourceEventStream({ ...args, contextValue: openContext() });
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source as EventSource<unknown>;
  const stream: EventStream = {
    async next() {
      for (;;) {
        const event = await events.next();
        if (event.done) return { done: true, value: undefined };
        const contextValue = openContext();
        if (events.admits && !(await events.admits(contextValue, event.value))) continue;
        return { done: false, value: await execute({ ...args, rootValue: event.value, contextValue }) };
      }
    },
    async return() {
      await events.return?.();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await events.return?.();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return stream;
    },
  };
  return stream;
}

/** Delivers what `onEvent` makes of each result, and calls `onEnd` once, however the stream ends. */
export function observe(
  stream: EventStream,
  onEvent: (result: ExecutionResult) => ExecutionResult,
  onEnd: () => void,
): EventStream {
  let ended = false;
  const end = () => {
    if (!ended) onEnd();
    ended = true;
  };
  return {
    async next() {
      try {
        const event = await stream.next();
        if (!event.done) return { done: false, value: onEvent(event.value) };
        end();
        return event;
      } catch (error) {
        end();
        throw error;
      }
    },
    async return() {
      end();
      return (await stream.return?.()) ?? { done: true, value: undefined };
    },
    async throw(error) {
      end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
