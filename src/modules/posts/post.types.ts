import { GraphQLDateTime } from 'graphql-scalars';
import { Extensions, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { cacheFor } from '../../graphql/cache-hints';
import type { Edge } from '../../graphql/connection';
import { connectionType, edgeType } from '../../graphql/connection.types';
import { MutationInput, MutationPayloadType } from '../../graphql/mutation.types';
import { NodeType, VersionedType } from '../../graphql/node.types';
import { costOf } from '../../graphql/pipeline/cost';
import type { Audience, PostRow } from './post.entity';

export const AUDIENCES = { PUBLIC: 'PUBLIC', FOLLOWERS: 'FOLLOWERS', PRIVATE: 'PRIVATE' } as const;

registerEnumType(AUDIENCES, {
  name: 'Audience',
  description: 'Whom a post is for.',
  valuesConfig: {
    PUBLIC: { description: 'Everybody; of a private account, its accepted followers.' },
    FOLLOWERS: { description: 'Accepted followers.' },
    PRIVATE: { description: 'Its author alone.' },
  },
});

@Extensions(cacheFor(10))
@ObjectType('Post', { implements: [NodeType, VersionedType], description: 'Something that a person wrote.' })
export class PostType implements Pick<PostRow, 'text' | 'audience' | 'createdAt' | 'version' | 'updatedAt'> {
  @Field(() => ID, { description: 'A TypeID such as post_01h455vb4pex5vsknk084sn02q.' })
  id!: string;

  // As heavy as it may be long.
  @Extensions(costOf({ weight: 1 }))
  @Field(() => String, { description: 'What it says; 1 to 5000 characters.' })
  text!: string;

  @Field(() => AUDIENCES, { description: 'Whom it is for.' })
  audience!: Audience;

  @Field(() => GraphQLDateTime, { description: 'When it was published.' })
  createdAt!: string;

  @Field(() => Int, { description: 'Grows by one with every edit.' })
  version!: number;

  @Field(() => GraphQLDateTime, { description: 'When it was last edited; when it was published if never.' })
  updatedAt!: string;
}

export const PostEdgeType = edgeType<PostRow>('Post', () => PostType);
export const PostConnectionType = connectionType('Post', () => PostType, PostEdgeType);

@InputType('CreatePostInput', { description: 'A new post.' })
export class CreatePostInput extends MutationInput {
  @Field(() => ID, {
    nullable: true,
    description: 'An id made by the app (post_ and a UUIDv7), so that it can show the post before it is sent.',
  })
  id?: string | null;

  @Field(() => String, { description: 'What it says; 1 to 5000 characters.' })
  text!: string;

  @Field(() => AUDIENCES, { nullable: true, defaultValue: 'PUBLIC', description: 'Whom it is for.' })
  audience?: Audience | null;
}

@ObjectType('CreatePostPayload', { implements: MutationPayloadType, description: 'What became of createPost.' })
export class CreatePostPayload extends MutationPayloadType {
  @Field(() => PostEdgeType, { nullable: true, description: "The post, as it stands in its author's list." })
  postEdge?: Edge<PostRow> | null;
}

@InputType('UpdatePostInput', { description: 'What is left out stays as it is.' })
export class UpdatePostInput extends MutationInput {
  @Field(() => ID, { description: 'The post to edit.' })
  id!: string;

  @Field(() => Int, { nullable: true, description: 'Refuse with ConflictError unless the post has this version.' })
  ifVersion?: number | null;

  @Field(() => String, { nullable: true, description: 'The new text, 1 to 5000 characters.' })
  text?: string | null;

  @Field(() => AUDIENCES, { nullable: true, description: 'Whom it is for from now on.' })
  audience?: Audience | null;
}

@ObjectType('UpdatePostPayload', { implements: MutationPayloadType, description: 'What became of updatePost.' })
export class UpdatePostPayload extends MutationPayloadType {
  @Field(() => PostType, { nullable: true, description: 'The post as it is now.' })
  post?: PostRow | null;
}
