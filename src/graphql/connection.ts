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
    shape: {
      position: (row: Row) => Position;
      node: (row: Row) => Node;
      edge?: (row: Row) => Extra;
      /** The place before everything in the list, for lists whose cursors continue as a subscription. */
      origin?: Position;
    },
  ): Connection<Node, Edge<Node> & Extra> {
    const { cursors } = this;
    const fromEnd = 'fromEnd' in request && request.fromEnd;
    const endsBefore = 'before' in request && request.before !== null;
    const isWhole = request.after === null && !endsBefore;
    const shown = fromEnd ? rows.slice(-request.limit) : rows.slice(0, request.limit);
    // Each part is made when it is asked for: many screens ask for nodes only, and signing a cursor costs most of all.
    return {
      get edges() {
        return shown.map((row) => ({
          ...(shape.edge?.(row) as Extra),
          node: shape.node(row),
          get cursor() {
            return cursors.encode(request.list, shape.position(row));
          },
        }));
      },
      get nodes() {
        return shown.map((row) => shape.node(row));
      },
      get pageInfo() {
        const hasMore = rows.length > request.limit;
        const cursorOf = (row: Row | undefined) => (row ? cursors.encode(request.list, shape.position(row)) : null);
        const origin = isWhole && shown.length === 0 ? shape.origin : undefined;
        const beginsBehind = request.after !== null && !isSame(request.after, shape.origin);
        return {
          hasNextPage: endsBefore || (!fromEnd && hasMore),
          hasPreviousPage: beginsBehind || (fromEnd && hasMore),
          get startCursor() {
            return cursorOf(shown[0]);
          },
          get endCursor() {
            return origin ? cursors.encode(request.list, origin) : cursorOf(shown.at(-1));
          },
        };
      },
    };
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

function limitOf(name: 'first' | 'last', asked: number | null | undefined): number {
  const limit = asked ?? PAGE_DEFAULT;
  if (limit < 1 || limit > PAGE_MAX) throw new BadInput(`Ask for ${name}: 1 to ${PAGE_MAX}; this asks for ${limit}.`);
  return limit;
}

function isSame(one: Position, other: Position | undefined): boolean {
  return other !== undefined && one.length === other.length && one.every((part, index) => part === other[index]);
}
