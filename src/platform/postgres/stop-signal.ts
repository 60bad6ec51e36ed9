/** What of an AbortSignal says that work is to end. */
export interface StopSignal {
  /** Why, once it has. */
  readonly reason: unknown;
  /** @throws the reason, once it has. */
  throwIfAborted(): void;
  addEventListener(event: 'abort', listener: () => void, options: { readonly once: true }): void;
  removeEventListener(event: 'abort', listener: () => void): void;
}
