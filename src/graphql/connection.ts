import type { CursorCodec, Position } from '../kernel/cursor';
import { BadInput } from '../kernel/errors';

export const PAGE_DEFAULT = 20;
export const PAGE_MAX = 100;

/** What an app asks of a list. */
export interface ForwardPage {
  readonly first?: number | null;
  readonly after?: string | null;
}

/** What an app asks of a list that can be read from its end as well. */
export interface TwoWayPage extends ForwardPage {
  readonly last?: number | null;
  readonly before?: string | null;
}

/** What a reader is asked: at most `limit` rows behind `after`. It reads `limit + 1` to learn whether more follow. */
export interface PageRequest {
  readonly list: string;
  readonly limit: number;
  readonly after: Position | null;
}

/** The same between two places, either of which may be open: the first rows there, or the last. */
export interface WindowRequest extends PageRequest {
  readonly before: Position | null;
  readonly fromEnd: boolean;
}

export interface Edge<Node> {
  readonly cursor: string;
  readonly node: Node;
}

export interface Connection<Node, E extends Edge<Node> = Edge<Node>> {
  readonly edges: E[];
  readonly nodes: Node[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** Reads page arguments and makes pages (Relay Cursor Connections specification). */
export class Pages {
  constructor(private readonly cursors: CursorCodec) {}

  /**
   * @param list names the list with everything that changes its content or order, e.g. `posts:<author uuid>`.
   * @throws BadInput when `first` is out of bounds or `after` is not a cursor of this list.
   */
  request(list: string, { first, after }: ForwardPage): PageRequest {
    return { list, limit: limitOf('first', first), after: this.placeIn(list, after) };
  }

  /**
   * As `request`, for a list that can be read both ways.
   * @throws BadInput also for `first` together with `last`, which the specification leaves without a clear meaning.
   */
  window(list: string, { first, after, last, before }: TwoWayPage): WindowRequest {
    if (first != null && last != null) throw new BadInput('Ask for first or for last, not for both.');
    const fromEnd = last != null;
    return {
      list,
      limit: fromEnd ? limitOf('last', last) : limitOf('first', first),
      after: this.placeIn(list, after),
      before: this.placeIn(list, before),
      fromEnd,
    };
  }

  private placeIn(list: string, cursor: string | null | undefined): Position | null {
    return cursor == null ? null : this.cursors.decode(list, cursor);
  }

  /**
   * Makes a page of the rows that a reader brought in list order, of which there may be one more than asked: behind
   * the page, or before it when it was asked from the end.
   */
  connection<Row, Node, Extra extends object>(
    request: PageRequest | WindowRequest,
    rows: readonly Row[],
    shape: RowShape<Row, Node, Extra>,
  ): Connection<Node, Edge<Node> & Extra> {
    return new RowPage(this.cursors, request, rows, shape);
  }

  /** One edge outside a page: what a write answers or a subscription delivers. */
  edge<Node>(list: string, position: Position, node: Node): Edge<Node> {
    return { cursor: this.cursors.encode(list, position), node };
  }

  /** The position in a cursor of `list`. @throws BadInput for any other text. */
  position(list: string, cursor: string): Position {
    return this.cursors.decode(list, cursor);
  }
}

/** What the rows of a list have for its pages. */
interface RowShape<Row, Node, Extra extends object> {
  readonly position: (row: Row) => Position;
  readonly node: (row: Row) => Node;
  readonly edge?: (row: Row) => Extra;
  /** The place before everything in the list, for lists whose cursors continue as a subscription. */
  readonly origin?: Position;
}

/** What edges and the info of a page read of it. */
interface PageOf<Row> {
  readonly request: PageRequest | WindowRequest;
  readonly rows: readonly Row[];
  /** Without the row beyond the page. */
  readonly shown: readonly Row[];
  readonly origin: Position | undefined;
  cursorAt(position: Position): string;
  cursorOf(row: Row): string;
}

/**
 * A page of rows. Each part is made when it is asked for: many screens ask for nodes only, and signing a cursor costs most
 * of all. The getters are those of a class: written into a literal, V8 would make a hash table of every page.
 */
class RowPage<Row, Node, Extra extends object> implements Connection<Node, Edge<Node> & Extra>, PageOf<Row> {
  constructor(
    private readonly cursors: CursorCodec,
    readonly request: PageRequest | WindowRequest,
    readonly rows: readonly Row[],
    private readonly shape: RowShape<Row, Node, Extra>,
  ) {}

  get edges(): (Edge<Node> & Extra)[] {
    return this.shown.map((row) => new RowEdge(this, row, this.shape.node(row), this.shape.edge?.(row)) as never);
  }

  get nodes(): Node[] {
    const { node } = this.shape;
    return this.shown.map((row) => node(row));
  }

  get pageInfo(): RowPageInfo<Row> {
    return new RowPageInfo(this);
  }

  get shown(): readonly Row[] {
    const { rows, request } = this;
    if (rows.length <= request.limit) return rows;
    return isFromEnd(request) ? rows.slice(-request.limit) : rows.slice(0, request.limit);
  }

  get origin(): Position | undefined {
    return this.shape.origin;
  }

  cursorAt(position: Position): string {
    return this.cursors.encode(this.request.list, position);
  }

  cursorOf(row: Row): string {
    return this.cursorAt(this.shape.position(row));
  }
}

class RowEdge<Row, Node> implements Edge<Node> {
  constructor(
    private readonly page: PageOf<Row>,
    private readonly row: Row,
    readonly node: Node,
    extra: object | undefined,
  ) {
    if (extra) Object.assign(this, extra);
  }

  get cursor(): string {
    return this.page.cursorOf(this.row);
  }
}

class RowPageInfo<Row> {
  constructor(private readonly page: PageOf<Row>) {}

  get hasNextPage(): boolean {
    const { request, rows } = this.page;
    return endsBefore(request) || (!isFromEnd(request) && rows.length > request.limit);
  }

  get hasPreviousPage(): boolean {
    const { request, rows, origin } = this.page;
    const beginsBehind = request.after !== null && !isSame(request.after, origin);
    return beginsBehind || (isFromEnd(request) && rows.length > request.limit);
  }

  get startCursor(): string | null {
    const [first] = this.page.shown;
    return first === undefined ? null : this.page.cursorOf(first);
  }

  get endCursor(): string | null {
    const { request, shown, origin } = this.page;
    const last = shown.at(-1);
    if (last !== undefined) return this.page.cursorOf(last);
    const isWhole = request.after === null && !endsBefore(request);
    return isWhole && origin ? this.page.cursorAt(origin) : null;
  }
}

function isFromEnd(request: PageRequest | WindowRequest): boolean {
  return 'fromEnd' in request && request.fromEnd;
}

function endsBefore(request: PageRequest | WindowRequest): boolean {
  return 'before' in request && request.before !== null;
}

function limitOf(name: 'first' | 'last', asked: number | null | undefined): number {
  const limit = asked ?? PAGE_DEFAULT;
  if (limit < 1 || limit > PAGE_MAX) throw new BadInput(`Ask for ${name}: 1 to ${PAGE_MAX}; this asks for ${limit}.`);
  return limit;
}

function isSame(one: Position, other: Position | undefined): boolean {
  return other !== undefined && one.length === other.length && one.every((part, index) => part === other[index]);
}
