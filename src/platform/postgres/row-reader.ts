/** Makes the object of a row out of its values, in the order of the columns. */
export type ReadRow = (values: readonly unknown[]) => object;

/** Rows of one kind that hold some of their properties; to read one of the others throws. */
interface PartKind {
  readonly selected: readonly string[];
  readonly leftOut: readonly string[];
  readonly Row: new (...values: unknown[]) => object;
}

interface Nest {
  kind?: PartKind;
  readonly properties: Map<string, number | Nest>;
}

/** Stands in the name of a column between its property and the kind of its row. */
const KIND_MARK = '~';
const kinds = new Map<string, PartKind>();

/**
 * Declares a kind of row that lacks some properties: `partOf` names a column of it, and whatever reads one of those throws
 * instead of finding nothing. All rows of a kind, of whatever statement, are of one shape to V8.
 */
export function definePart(kind: string, selected: readonly string[], leftOut: readonly string[]): void {
  const known = kinds.get(kind);
  if (known) {
    const isSame = JSON.stringify([known.selected, known.leftOut]) === JSON.stringify([selected, leftOut]);
    if (!isSame) throw new TypeError(`${kind} is declared twice with other properties`);
    return;
  }
  const values = selected.map((_, place) => `value${place}`);
  const sets = selected.map((property, place) => `this[${JSON.stringify(property)}] = value${place};`);
  const Row = new Function(...values, sets.join(' ')) as unknown as PartKind['Row'];
  Row.prototype = Object.create(
    Object.prototype,
    Object.fromEntries(leftOut.map((name) => [name, refusal(kind, name)])),
  );
  kinds.set(kind, { selected, leftOut, Row });
}

function refusal(kind: string, property: string): PropertyDescriptor {
  return {
    get() {
      throw new TypeError(
        `${kind}.${property} was not selected: the operation asks for no field that is known to read it`,
      );
    },
  };
}

/** The name of a column that says of what kind the row is that it stands in. */
export function partOf(kind: string, name: string): string {
  return `${name}${KIND_MARK}${kind}`;
}

/**
 * Compiles the function that puts values into an object: `author.id` becomes the property `id` of the object `author`.
 * Written out as one literal it takes half the time of setting one property after the other. The names are those of
 * our own statements, never a client's.
 */
export function compileReader(names: readonly string[]): ReadRow {
  const row: Nest = { properties: new Map() };
  for (const [place, marked] of names.entries()) {
    const [name = '', kind] = marked.split(KIND_MARK);
    const path = name.split('.');
    const last = path.pop() as string;
    let inner = row;
    for (const step of path) {
      let next = inner.properties.get(step);
      if (typeof next !== 'object') {
        next = { properties: new Map() };
        inner.properties.set(step, next);
      }
      inner = next;
    }
    inner.properties.set(last, place);
    if (kind !== undefined) inner.kind = kindOf(kind);
  }
  const parts: PartKind['Row'][] = [];
  const made = written(row, parts);
  const rows = parts.map((_, place) => `Row${place}`);
  return new Function(...rows, `return (values) => ${made}`)(...parts) as ReadRow;
}

function kindOf(name: string): PartKind {
  const kind = kinds.get(name);
  if (!kind) throw new TypeError(`no such kind of row: ${name}`);
  return kind;
}

/** The code that makes an object; the constructors that it needs are added to `parts`. */
function written({ kind, properties }: Nest, parts: PartKind['Row'][]): string {
  const codeOf = (inside: number | Nest): string =>
    typeof inside === 'number' ? `values[${inside}]` : written(inside, parts);
  if (!kind) {
    const all = [...properties].map(([name, inside]) => `${JSON.stringify(name)}: ${codeOf(inside)}`);
    return `({ ${all.join(', ')} })`;
  }
  const inside = kind.selected.map((name) => properties.get(name));
  if (inside.length !== properties.size || inside.includes(undefined)) {
    throw new TypeError(`a row holds ${[...properties.keys()]} in place of ${kind.selected}`);
  }
  parts.push(kind.Row);
  return `new Row${parts.length - 1}(${inside.map((each) => codeOf(each as number | Nest)).join(', ')})`;
}
