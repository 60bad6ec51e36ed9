import type { PlaygroundConfig } from '../config';

/**
 * Asks the server that this page came from for its settings. The address is relative to this file, so that it holds
 * wherever the playground is mounted. Throws an Error with a sentence for the reader.
 */
export async function loadConfig(): Promise<PlaygroundConfig> {
  const url = new URL('../config.json', import.meta.url);
  const response = await fetch(url, { headers: { accept: 'application/json' } });
  if (!response.ok) {
    throw new Error(`The server answered ${response.status} to ${url.pathname}.`);
  }
  return response.json() as Promise<PlaygroundConfig>;
}

/** Monaco measures its font once, when it draws the first editor; a font that comes later would misplace the cursor. */
export async function loadEditorFont(): Promise<void> {
  try {
    await document.fonts.load('15px "Fira Code"');
  } catch {
    // The fallback font is fine too, as long as it stays.
  }
}
