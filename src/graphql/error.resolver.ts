import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { ConflictError } from '../kernel/errors';
import type { RequestContext } from './context';
import { ConflictErrorType } from './mutation.types';
import { NodeType } from './node.types';
import type { NodeRegistry } from './nodes';

@Resolver(() => ConflictErrorType)
export class ConflictErrorResolver {
  constructor(private readonly nodes: NodeRegistry) {}

  @FieldResolver(() => NodeType, { nullable: true })
  current(@Root() { currentId }: ConflictError, @Ctx() context: RequestContext) {
    return this.nodes.findByParts(context, currentId.prefix, currentId.uuid);
  }
}
