import { Arg, Authorized, Ctx, Extensions, ID, Mutation, Query, Resolver } from 'type-graphql';
import { BadInput } from '../kernel/errors';
import type { Commands } from './command';
import type { RequestContext } from './context';
import { DeleteNodeInput, DeleteNodePayload } from './mutation.types';
import { NodeType } from './node.types';
import type { NodeRegistry } from './nodes';
import { costOf, versionsOf } from './pipeline/cost';

/** As many as one page of any list. */
const NODES_MAX = 100;

@Resolver()
export class NodeResolver {
  constructor(
    private readonly registry: NodeRegistry,
    private readonly commands: Commands,
  ) {}

  @Extensions(costOf({ reads: ['node'], companions: true, copies: versionsOf('node') }))
  @Query(() => NodeType, {
    nullable: true,
    description: 'Any node by its id; null when there is none that you may see.',
  })
  node(@Arg('id', () => ID, { description: 'The id of the node.' }) id: string, @Ctx() context: RequestContext) {
    return this.registry.find(context, id);
  }

  // One batch for each kind of node among the ids.
  @Extensions(
    costOf({
      reads: ['user', 'session', 'device', 'post', 'comment', 'conversation', 'message', 'export'].map(
        (kind) => `node:${kind}`,
      ),
      companions: true,
      copies: ['user', 'post'].flatMap((kind) => versionsOf(`node:${kind}`)),
      sizedBy: 'ids',
    }),
  )
  @Query(() => [NodeType], {
    name: 'nodes',
    nullable: 'items',
    description: `Up to ${NODES_MAX} nodes by their ids, in the order asked; null for each that you may not see.`,
  })
  nodesByIds(
    @Arg('ids', () => [ID], { description: 'The ids of the nodes.' }) ids: string[],
    @Ctx() context: RequestContext,
  ) {
    if (ids.length > NODES_MAX) throw new BadInput(`Ask for at most ${NODES_MAX} nodes at once.`);
    return Promise.all(ids.map((id) => this.registry.find(context, id)));
  }

  @Authorized()
  @Mutation(() => DeleteNodePayload, {
    description: 'Deletes a post, a comment or a message, for everybody and for good.',
  })
  deleteNode(
    @Arg('input', () => DeleteNodeInput, { description: 'What to delete.' }) input: DeleteNodeInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'deleteNode',
      execute: async (tx, viewer) => {
        await this.registry.delete(tx, viewer, input.id);
        return { deletedId: input.id };
      },
      answer: (deleted) => deleted,
    });
  }
}
