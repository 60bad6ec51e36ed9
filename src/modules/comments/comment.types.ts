import { GraphQLDateTime } from 'graphql-scalars';
import { ArgsType, Extensions, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { cacheFor } from '../../graphql/cache-hints';
import type { Edge } from '../../graphql/connection';
import { connectionType, edgeType, PageArgs } from '../../graphql/connection.types';
import { MutationInput, MutationPayloadType } from '../../graphql/mutation.types';
import { NodeType, VersionedType } from '../../graphql/node.types';
import { costOf } from '../../graphql/pipeline/cost';
import { SAME_FOR_ALL } from '../../graphql/sharing';
import { type PostRow, PostType } from '../posts';
import type { CommentRow } from './comment.entity';
import type { CommentOrder } from './comment.table.repository';

const COMMENT_ORDERS = { OLDEST: 'OLDEST', NEWEST: 'NEWEST' } as const;

registerEnumType(COMMENT_ORDERS, {
  name: 'CommentOrder',
  description: 'How comments are sorted.',
  valuesConfig: {
    OLDEST: { description: 'First come, first shown. Cursors of this order continue as `commentAdded`.' },
    NEWEST: { description: 'Last come, first shown.' },
  },
});

@Extensions(cacheFor(10))
@Extensions(SAME_FOR_ALL)
@ObjectType('Comment', { implements: [NodeType, VersionedType], description: 'What a person wrote under a post.' })
export class CommentType implements Pick<CommentRow, 'text' | 'createdAt' | 'version' | 'updatedAt'> {
  @Field(() => ID, { description: 'A TypeID such as comment_01h455vb4pex5vsknk084sn02q.' })
  id!: string;

  // As heavy as it may be long.
  @Extensions(costOf({ weight: 0.5 }))
  @Field(() => String, { description: 'What it says; 1 to 2000 characters.' })
  text!: string;

  @Field(() => GraphQLDateTime, { description: 'When it was written.' })
  createdAt!: string;

  @Field(() => Int, { description: 'Grows by one with every edit.' })
  version!: number;

  @Field(() => GraphQLDateTime, { description: 'When it was last edited; when it was written if never.' })
  updatedAt!: string;
}

export const CommentEdgeType = edgeType<CommentRow>('Comment', () => CommentType);
export const CommentConnectionType = connectionType('Comment', () => CommentType, CommentEdgeType);

@ArgsType()
export class CommentPageArgs extends PageArgs {
  @Field(() => COMMENT_ORDERS, { nullable: true, defaultValue: 'OLDEST', description: 'How to sort.' })
  order?: CommentOrder | null;
}

@InputType('AddCommentInput', { description: 'A new comment.' })
export class AddCommentInput extends MutationInput {
  @Field(() => ID, {
    nullable: true,
    description: 'An id made by the app (comment_ and a UUIDv7), so that it can show the comment before it is sent.',
  })
  id?: string | null;

  @Field(() => ID, { description: 'The post to write under.' })
  postId!: string;

  @Field(() => String, { description: 'What it says; 1 to 2000 characters.' })
  text!: string;
}

@ObjectType('AddCommentPayload', { implements: MutationPayloadType, description: 'What became of addComment.' })
export class AddCommentPayload extends MutationPayloadType {
  @Field(() => CommentEdgeType, {
    nullable: true,
    description: 'The comment, as it stands in the list of its post, oldest first.',
  })
  commentEdge?: Edge<CommentRow> | null;

  @Field(() => PostType, { nullable: true, description: 'The post, counting it.' })
  post?: PostRow | null;
}

@InputType('UpdateCommentInput', { description: 'A new text for a comment of yours.' })
export class UpdateCommentInput extends MutationInput {
  @Field(() => ID, { description: 'The comment to edit.' })
  id!: string;

  @Field(() => Int, { nullable: true, description: 'Refuse with ConflictError unless the comment has this version.' })
  ifVersion?: number | null;

  @Field(() => String, { description: 'The new text, 1 to 2000 characters.' })
  text!: string;
}

@ObjectType('UpdateCommentPayload', { implements: MutationPayloadType, description: 'What became of updateComment.' })
export class UpdateCommentPayload extends MutationPayloadType {
  @Field(() => CommentType, { nullable: true, description: 'The comment as it is now.' })
  comment?: CommentRow | null;
}
