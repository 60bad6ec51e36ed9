/** PostgreSQL has no NUL in text, and a lone surrogate is no character: neither can be stored or given back. */
export const BROKEN_TEXT = /\0|\p{Cs}/u;

/** Names of a path in a message; a body can nest thousands. */
const PATH_SHOWN_MAX = 8;

interface Visit {
  readonly name: string;
  readonly value: unknown;
  readonly parent: Visit | null;
}

/** The place of the first string among the variables that is not text, or null. No recursion: a body can nest deeper than the stack. */
export function findBrokenText(variables: unknown): string | null {
  const waiting: Visit[] = [{ name: 'variables', value: variables, parent: null }];
  for (let visit = waiting.pop(); visit; visit = waiting.pop()) {
    const { name, value, parent } = visit;
    if (BROKEN_TEXT.test(name)) return placeOf(parent);
    if (typeof value === 'string' && BROKEN_TEXT.test(value)) return placeOf(visit);
    if (typeof value !== 'object' || value === null) continue;
    for (const [field, inside] of Object.entries(value)) waiting.push({ name: field, value: inside, parent: visit });
  }
  return null;
}

function placeOf(visit: Visit | null): string {
  const path: string[] = [];
  for (let at = visit; at; at = at.parent) path.push(at.name);
  path.reverse();
  return path.length > PATH_SHOWN_MAX ? `${path.slice(0, PATH_SHOWN_MAX).join('.')}…` : path.join('.');
}
