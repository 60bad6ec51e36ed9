import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, Int, InterfaceType } from 'type-graphql';

const resolveType = (value: { __typename?: string }) => value.__typename;

@InterfaceType('Node', {
  description: 'Anything with a global id; `node(id:)` fetches it again.',
  resolveType,
})
export abstract class NodeType {
  @Field(() => ID, { description: 'A TypeID: the kind of node, an underscore, a UUIDv7 in base32. Sorts by time.' })
  id!: string;
}

@InterfaceType('Versioned', {
  description: 'Anything that can be edited. Send `version` back as `ifVersion` to detect a conflicting edit.',
  resolveType,
})
export abstract class VersionedType {
  @Field(() => Int, { description: 'Grows by one with every change.' })
  version!: number;

  @Field(() => GraphQLDateTime, { description: 'When it last changed.' })
  updatedAt!: string;
}
