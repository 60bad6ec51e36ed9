import { BadInput, refuse } from '../kernel/errors';
import { decodeId, encodeId } from '../kernel/ids';
import type { Viewer } from '../kernel/viewer';
import type { Transaction } from '../platform/postgres/database';
import type { RequestContext } from './context';

/** How one kind of node is named, found and shown. */
export interface NodeKind {
  /** The TypeID prefix. */
  readonly prefix: string;
  readonly typename: string;
  /** The node as its type's resolvers take it, or null when there is none that this viewer may see. */
  readonly find: (context: RequestContext, uuid: string) => Promise<object | null>;
  /** Deletes it on the viewer's behalf; absent for kinds that `deleteNode` cannot delete. */
  readonly delete?: (tx: Transaction, viewer: Viewer, uuid: string) => Promise<void>;
}

/** Every kind of node, so that any id can be fetched again. Modules register theirs when they are built. */
export class NodeRegistry {
  private readonly kinds = new Map<string, NodeKind>();

  register(kind: NodeKind): void {
    if (this.kinds.has(kind.prefix)) throw new Error(`two kinds of node use the prefix ${kind.prefix}`);
    this.kinds.set(kind.prefix, kind);
  }

  /**
   * The node behind an id. A node that this viewer may not see and one that does not exist are both null.
   * @throws BadInput when the text is no id of this API.
   */
  async find(context: RequestContext, id: string): Promise<object | null> {
    const decoded = decodeId(id);
    const kind = decoded && this.kinds.get(decoded.prefix);
    if (!kind) throw new BadInput(`${quote(id)} is not an id of this API.`);
    return this.load(context, kind, decoded.uuid);
  }

  /** As `find`, for an id that is already taken apart. */
  async findByParts(context: RequestContext, prefix: string, uuid: string): Promise<object | null> {
    const kind = this.kinds.get(prefix);
    return kind ? this.load(context, kind, uuid) : null;
  }

  /** What GraphQL calls the nodes of a prefix. */
  typenameOf(prefix: string): string {
    const kind = this.kinds.get(prefix);
    if (!kind) throw new Error(`no kind of node has the prefix ${prefix}`);
    return kind.typename;
  }

  /** Deletes the node behind an id. @throws UserErrors INVALID, NOT_FOUND, FORBIDDEN. */
  async delete(tx: Transaction, viewer: Viewer, id: string): Promise<void> {
    const decoded = decodeId(id);
    const kind = decoded && this.kinds.get(decoded.prefix);
    if (!decoded || !kind?.delete) {
      const deletable = [...this.kinds.values()].filter((each) => each.delete).map((each) => each.prefix);
      return refuse('INVALID', `Send the id of one of these: ${deletable.join(', ')}.`, ['input', 'id']);
    }
    await kind.delete(tx, viewer, decoded.uuid);
  }

  private async load(context: RequestContext, kind: NodeKind, uuid: string): Promise<object | null> {
    const row = await kind.find(context, uuid);
    // Interfaces find the concrete type by __typename; rows themselves carry none.
    return row && Object.assign(Object.create(Object.getPrototypeOf(row)), row, { __typename: kind.typename });
  }
}

/** The UUID in an argument of a query. @throws BadInput when it is not an id of that kind. */
export function readId(prefix: string, id: string): string {
  const decoded = decodeId(id);
  if (decoded?.prefix !== prefix) throw new BadInput(`${quote(id)} is not the id of a ${prefix}.`);
  return decoded.uuid;
}

/** The UUID in an input field of a mutation. @throws UserErrors INVALID when it is not an id of that kind. */
export function readInputId(prefix: string, id: string, field: string): string {
  const decoded = decodeId(id);
  if (decoded?.prefix !== prefix) {
    return refuse(
      'INVALID',
      `This is not the id of a ${prefix}: it must look like ${encodeId(prefix, EXAMPLE_UUID)}.`,
      ['input', field],
    );
  }
  return decoded.uuid;
}

const EXAMPLE_UUID = '0190a5d0-7c00-7000-8000-000000000000';
const QUOTED_MAX = 40;

function quote(text: string): string {
  return JSON.stringify(text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX)}…` : text);
}
