/**
 * JSON in the one form that whoever signs or hashes it agrees on (RFC 8785): no space between tokens, names in the order
 * of their UTF-16 units. Fields that are undefined are left out. For what JSON.parse makes.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  // ECMAScript writes numbers and strings as RFC 8785 §3.2.2 has them.
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join()}}`;
}
