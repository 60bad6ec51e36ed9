import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { MutationInput, MutationPayloadType } from '../../graphql/mutation.types';
import { type PostRow, PostType } from '../posts';

@InputType('SetPostLikedInput', { description: 'Whether you like a post.' })
export class SetPostLikedInput extends MutationInput {
  @Field(() => ID, { description: 'The post.' })
  postId!: string;

  @Field(() => Boolean, { description: 'true to like it, false to take the like back.' })
  liked!: boolean;
}

@ObjectType('SetPostLikedPayload', { implements: MutationPayloadType, description: 'What became of setPostLiked.' })
export class SetPostLikedPayload extends MutationPayloadType {
  @Field(() => PostType, { nullable: true, description: 'The post, with your like counted or not.' })
  post?: PostRow | null;
}
