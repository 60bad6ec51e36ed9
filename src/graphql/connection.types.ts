import { ArgsType, type ClassType, Extensions, Field, Int, ObjectType } from 'type-graphql';
import { type Connection, type Edge, type ForwardPage, PAGE_DEFAULT, PAGE_MAX, type TwoWayPage } from './connection';
import { SAME_FOR_ALL } from './sharing';

@ArgsType()
export class PageArgs implements ForwardPage {
  @Field(() => Int, {
    nullable: true,
    defaultValue: PAGE_DEFAULT,
    description: `How many at most, 1 to ${PAGE_MAX}.`,
  })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Continue behind this cursor of the same list.' })
  after?: string | null;
}

/** For lists that grow at their end and are read from there. Neither `first` nor `last` is the same as `first: 20`. */
@ArgsType()
export class TwoWayPageArgs implements TwoWayPage {
  @Field(() => Int, {
    nullable: true,
    description: `How many at most from the beginning, 1 to ${PAGE_MAX}; ${PAGE_DEFAULT} when \`last\` is left out as well.`,
  })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Only what stands behind this cursor of the same list.' })
  after?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: `How many at most from the end, 1 to ${PAGE_MAX}; not together with \`first\`.`,
  })
  last?: number | null;

  @Field(() => String, { nullable: true, description: 'Only what stands before this cursor of the same list.' })
  before?: string | null;
}

@ObjectType('PageInfo', { description: 'Where a page lies in its list.' })
export class PageInfoType {
  @Field(() => Boolean, { description: 'More follow behind `endCursor`, or the page was asked with `before`.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, {
    description:
      'Something stands before `startCursor`: the page was asked with `after`, or from the end of a longer list.',
  })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first edge; null when the page is empty.' })
  startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Cursor of the last edge: send it as `after` for the next page. Null when the page is empty; a list that can be followed live answers, as long as it is empty, the place before its first element.',
  })
  endCursor!: string | null;
}

/** The edge type of a list of `Node`s, named `<name>Edge`. */
export function edgeType<Node extends object>(name: string, node: () => ClassType<object>): ClassType<Edge<Node>> {
  @Extensions(SAME_FOR_ALL)
  @ObjectType(`${name}Edge`, { description: `One element of a ${name}Connection, with its place in the list.` })
  class EdgeType implements Edge<Node> {
    @Field(() => String, { description: 'The place of this edge in its list: send it as `after` to continue here.' })
    cursor!: string;

    @Field(node, { description: 'The element itself.' })
    node!: Node;
  }
  return EdgeType;
}

/** The connection type of a list, named `<name>Connection`. */
export function connectionType<Node extends object, E extends Edge<Node>>(
  name: string,
  node: () => ClassType<object>,
  edge: ClassType<E>,
): ClassType<Connection<Node, E>> {
  @ObjectType(`${name}Connection`, { description: `One page of a list: elements by themselves or with their places.` })
  class ConnectionType implements Connection<Node, E> {
    @Field(() => [edge], { description: 'The page with the place of each element.' })
    edges!: E[];

    @Field(() => [node()], { description: 'The page, elements only.' })
    nodes!: Node[];

    @Field(() => PageInfoType, { description: 'Where this page lies in the list.' })
    pageInfo!: PageInfoType;
  }
  return ConnectionType;
}
