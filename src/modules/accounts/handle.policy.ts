/** 3 to 30 of a-z, 0-9 and underscore, beginning with a letter. Letters keep their case; uniqueness ignores it. */
const HANDLE = /^[a-z][a-z0-9_]{2,29}$/i;
export const HANDLE_MAX = 30;
/** Names that people would take for the service itself. */
const RESERVED = new Set(['admin', 'administrator', 'moderator', 'official', 'portico', 'root', 'security', 'support']);
const SUGGESTIONS_TRIED = 8;
/** For a name without a letter that a handle may have. */
const HANDLE_OF_NO_NAME = 'user';

/** What is wrong with a handle, as a sentence; null when it may be used. */
export function handleProblem(handle: string): string | null {
  if (!HANDLE.test(handle)) {
    return 'Use 3 to 30 letters (a-z), digits and underscores, beginning with a letter.';
  }
  return RESERVED.has(handleKey(handle)) ? 'This handle is reserved. Choose another one.' : null;
}

/** Two handles are the same when their keys are. */
export function handleKey(handle: string): string {
  return handle.toLowerCase();
}

/** Handles like a taken one, best first; whether they are free is for the caller to find out. */
export function similarHandles(handle: string, pick: (below: number) => number): string[] {
  return Array.from({ length: SUGGESTIONS_TRIED }, (_, index) => {
    const suffix = index === 0 ? '_' : String(pick(index < 4 ? 100 : 10_000));
    return `${handle.slice(0, HANDLE_MAX - suffix.length)}${suffix}`;
  });
}

/** A handle made from what somebody is called, letters without their accents; whether it is free, nobody knows yet. */
export function handleFromName(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const handle = plain
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, HANDLE_MAX);
  return handleProblem(handle) ? HANDLE_OF_NO_NAME : handle;
}
