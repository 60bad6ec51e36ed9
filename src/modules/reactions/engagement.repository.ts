import type { Executor } from '../../platform/postgres/database';
import { identifier, sql } from '../../platform/postgres/sql';
import { visibleComments } from '../comments';
import { postIsVisible } from '../visibility';
import { visibleLikes } from './like.repository';

/** What are the counters of this post for this viewer, or for anybody when there is none? */
export interface EngagementQuestion {
  readonly postId: string;
  readonly viewerId: string | null;
}

export interface Counters {
  readonly likeCount: number;
  readonly commentCount: number;
}

/** Answers many such questions at once, in their order; null where the viewer may not see the post. */
export async function findEngagement(
  executor: Executor,
  questions: readonly EngagementQuestion[],
): Promise<(Counters | null)[]> {
  const post = identifier('p.id');
  const viewer = { userId: identifier('asked.viewer_id') };
  const rows = await executor.rows<Counters & { place: number }>(sql`
    SELECT asked.place, ${visibleLikes(post, viewer)} AS "likeCount", ${visibleComments(post, viewer)} AS "commentCount"
    FROM unnest(${questions.map((each) => each.postId)}::uuid[], ${questions.map((each) => each.viewerId)}::uuid[])
      WITH ORDINALITY AS asked(post_id, viewer_id, place)
    JOIN posts p ON p.id = asked.post_id JOIN users a ON a.id = p.author_id
    WHERE ${postIsVisible('p', 'a', viewer)}`);
  const byPlace = new Map(rows.map((row) => [row.place, row]));
  return questions.map((_, index) => byPlace.get(index + 1) ?? null);
}
