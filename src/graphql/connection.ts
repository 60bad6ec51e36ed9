import type { CursorCodec, Position } from '../kernel/cursor';
import { BadInput } from '../kernel/errors';

export const PAGE_DEFAULT = 20;
export const PAGE_MAX = 100;

/** What an app asks of a list. */
export interface ForwardPage {
  readonly first?: number | null;
  readonly after?: string | null;
}

/** What a reader is asked: at most `limit` rows behind `after`. It reads `limit + 1` to learn whether more follow. */
export interface PageRequest {
  readonly list: string;
  readonly limit: number;
  readonly after: Position | null;
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
    const limit = first ?? PAGE_DEFAULT;
    if (limit < 1 || limit > PAGE_MAX) throw new BadInput(`Ask for first: 1 to ${PAGE_MAX}; this asks for ${limit}.`);
    return { list, limit, after: after == null ? null : this.cursors.decode(list, after) };
  }

  /** Makes a page of the rows that a reader brought, of which there may be one more than asked. */
  connection<Row, Node, Extra extends object>(
    request: PageRequest,
    rows: readonly Row[],
    shape: { position: (row: Row) => Position; node: (row: Row) => Node; edge?: (row: Row) => Extra },
  ): Connection<Node, Edge<Node> & Extra> {
    const { cursors } = this;
    const shown = rows.slice(0, request.limit);
    const cursorOf = (row: Row | undefined) => (row ? cursors.encode(request.list, shape.position(row)) : null);
    const edges = shown.map((row) => ({
      ...(shape.edge?.(row) as Extra),
      node: shape.node(row),
      // Signing costs more than skipping it, and many screens ask for nodes only.
      get cursor() {
        return cursors.encode(request.list, shape.position(row));
      },
    }));
    return {
      edges,
      nodes: edges.map((edge) => edge.node),
      pageInfo: {
        hasNextPage: rows.length > request.limit,
        hasPreviousPage: request.after !== null,
        get startCursor() {
          return cursorOf(shown[0]);
        },
        get endCursor() {
          return cursorOf(shown.at(-1));
        },
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
