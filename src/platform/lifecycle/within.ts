import { setTimeout as delay } from 'node:timers/promises';

/** What `ending` settles as, or `late` when it takes longer. No timer is left behind, which would keep the process. */
export async function within<Late>(ms: number, ending: Promise<Late>, late: Late): Promise<Late> {
  const settled = new AbortController();
  const timer = delay(ms, late, { signal: settled.signal }).catch(() => late);
  try {
    return await Promise.race([ending, timer]);
  } finally {
    settled.abort();
  }
}
