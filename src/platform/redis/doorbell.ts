/** Which stream moved, e.g. `comments:<post uuid>`. A topic carries no data and no rights. */
export type Topic = string;

/**
 * Tells the listeners of a topic, in every process, that its log has moved. Deliveries may be lost, doubled or early:
 * whoever listens reads the log, and looks again from time to time.
 */
export interface Doorbell {
  /** Never throws and never waits. */
  ring(topic: Topic): void;
  /** Calls `wake` (which must not throw) on each ring until the returned function is called. */
  listen(topic: Topic, wake: () => void): () => void;
  close(): Promise<void>;
}

/** The listeners of this process, by topic. Costs one map entry per watched topic, whatever rings. */
export class TopicListeners {
  private readonly byTopic = new Map<Topic, Set<() => void>>();

  listen(topic: Topic, wake: () => void): () => void {
    const wakes = this.byTopic.get(topic) ?? new Set();
    this.byTopic.set(topic, wakes);
    wakes.add(wake);
    return () => {
      wakes.delete(wake);
      if (wakes.size === 0 && this.byTopic.get(topic) === wakes) this.byTopic.delete(topic);
    };
  }

  wake(topic: Topic): void {
    for (const wake of this.byTopic.get(topic) ?? []) wake();
  }

  wakeAll(): void {
    for (const topic of this.byTopic.keys()) this.wake(topic);
  }
}

/** For one process alone: rings reach the listeners of this process directly. */
export function createLocalDoorbell(): Doorbell {
  const listeners = new TopicListeners();
  return {
    ring: (topic) => listeners.wake(topic),
    listen: (topic, wake) => listeners.listen(topic, wake),
    close: async () => {},
  };
}
