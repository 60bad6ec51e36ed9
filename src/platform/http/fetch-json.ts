/** Fetches a JSON document from another service. @throws FetchFault */
export type FetchJson = (url: string) => Promise<unknown>;

export interface FetchLimits {
  /** For the whole answer. */
  readonly timeoutMs: number;
  /** Of the body, decompressed. */
  readonly maxBytes: number;
}

/** Why a document could not be had; the message names no more than the host. */
export class FetchFault extends Error {
  constructor(url: string, fault: string, cause?: unknown) {
    super(`${new URL(url).host} ${fault}`, { cause });
    this.name = 'FetchFault';
  }
}

/** Fetches within limits. A redirect is a fault: it would lead to a host that nobody has configured. */
export function createFetchJson({ timeoutMs, maxBytes }: FetchLimits): FetchJson {
  return async (url) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const headers = { accept: 'application/json' };
    let text: string;
    try {
      const response = await fetch(url, { signal, headers, redirect: 'manual' });
      if (response.status !== 200) {
        await response.body?.cancel();
        throw new FetchFault(url, `answered ${response.status}`);
      }
      text = await readText(response, url, maxBytes);
    } catch (error) {
      if (error instanceof FetchFault) throw error;
      throw new FetchFault(url, signal.aborted ? `did not answer in ${timeoutMs} ms` : 'cannot be reached', error);
    }
    try {
      return JSON.parse(text);
    } catch {
      throw new FetchFault(url, 'answered something that is no JSON');
    }
  };
}

async function readText({ body }: Response, url: string, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop early cancels the rest of the body.
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new FetchFault(url, `answered more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
