/** One value in both of the ways in which it can be sent. An empty text leaves it out. */
export interface Value {
  /** For the variables of a request. */
  readonly json: string;
  /** For the document itself. */
  readonly literal: string;
}

export const OMITTED: Value = { json: '', literal: '' };

export function textValue(text: string): Value {
  return { json: JSON.stringify(text), literal: JSON.stringify(text) };
}

export function plainValue(text: string): Value {
  return { json: text, literal: text };
}

export function listValue(items: readonly Value[]): Value {
  return {
    json: `[${items.map((item) => item.json).join()}]`,
    literal: `[${items.map((item) => item.literal).join()}]`,
  };
}

export function objectValue(fields: readonly (readonly [string, Value])[]): Value {
  const given = fields.filter(([, value]) => value !== OMITTED);
  return {
    json: `{${given.map(([name, value]) => `${JSON.stringify(name)}:${value.json}`).join()}}`,
    literal: `{${given.map(([name, value]) => `${name}:${value.literal}`).join()}}`,
  };
}
