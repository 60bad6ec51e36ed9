/** Which log moved, e.g. `comments:<post uuid>`. */
export type Topic = string;

/** Called on each ring; must not throw. `signal` is what was sent along, on topics that carry something. */
export type Listener = (signal?: string) => void;

/**
 * Tells the listeners of a topic, in every process, that its log has moved. Deliveries may be lost, doubled or early:
 * whoever listens reads the log, and looks again from time to time.
 */
export interface Doorbell {
  /** Rings each of these topics. Never throws and never waits. */
  ring(...topics: readonly Topic[]): void;
  /**
   * Sends a short text to the listeners of a topic: for what is worth nothing a moment later and stands in no log. Goes
   * out of the process as it is, so it must hold nothing that may not be seen on the way.
   */
  signal(topic: Topic, text: string): void;
  /** Calls `listener` on each ring and signal until the returned function is called. */
  listen(topic: Topic, listener: Listener): () => void;
  /** Whether rings of other processes are known to arrive; while they are not, logs have to be looked at often. */
  healthy(): boolean;
  close(): Promise<void>;
}

/** The listeners of this process, by topic. Costs one map entry per watched topic, whatever rings. */
export class TopicListeners {
  private readonly byTopic = new Map<Topic, Set<Listener>>();

  listen(topic: Topic, listener: Listener): () => void {
    const listeners = this.byTopic.get(topic) ?? new Set();
    this.byTopic.set(topic, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.byTopic.get(topic) === listeners) this.byTopic.delete(topic);
    };
  }

  wake(topic: Topic, signal?: string): void {
    for (const listener of this.byTopic.get(topic) ?? []) listener(signal);
  }

  /** As if every topic had rung. */
  wakeAll(): void {
    for (const topic of this.byTopic.keys()) this.wake(topic);
  }
}

/** For one process alone: rings reach the listeners of this process directly. */
export function createLocalDoorbell(): Doorbell {
  const listeners = new TopicListeners();
  return {
    ring(...topics) {
      for (const topic of topics) listeners.wake(topic);
    },
    signal: (topic, text) => listeners.wake(topic, text),
    listen: (topic, listener) => listeners.listen(topic, listener),
    healthy: () => true,
    close: async () => {},
  };
}
