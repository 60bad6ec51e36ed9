import { EngagementFollower } from '../../src/modules/reactions/engagement.follower';

const likes = (likeCount: number) => ({ postId: 'post', likeCount, commentCount: 0 });

function follow(refresh: (follower: EngagementFollower) => void = () => {}) {
  const reads: number[] = [];
  const follower: EngagementFollower = new EngagementFollower({
    refresh: async () => {
      reads.push(reads.length);
      refresh(follower);
    },
    leave: () => {},
  });
  return { follower, reads };
}

describe('the counters that wait for a slow client', () => {
  it('are the newest only', async () => {
    const { follower, reads } = follow();
    const now = performance.now();
    follower.offer(likes(1), now - 900);
    follower.offer(likes(2), now - 400);
    follower.offer(likes(3), now + 100);
    expect(await follower.next()).toEqual([likes(3)]);
    follower.offer(likes(4), now + 600);
    follower.offer(likes(3), now + 1_100);
    follower.offer(likes(5), now + 1_600);
    expect(await follower.next()).toEqual([likes(5)]);
    follower.offer(likes(6), now + 2_100);
    follower.offer(likes(5), now + 2_600);
    // As it was told last: there is nothing to say.
    expect(await Promise.race([follower.next(), new Promise((resolve) => setImmediate(resolve, 'waits'))])).toBe(
      'waits',
    );
    expect(reads).toEqual([]);
  });

  it('do not change more often than twice a second', () => {
    const { follower } = follow();
    const now = performance.now();
    expect(follower.offer(likes(1), now)).toBe(true);
    expect(follower.offer(likes(1), now + 100)).toBe(true);
    expect(follower.offer(likes(2), now + 499)).toBe(false);
    expect(follower.offer(likes(2), now + 500)).toBe(true);
  });

  it('are read anew when they have waited for long', async () => {
    const { follower, reads } = follow((each) => each.offer(likes(2), performance.now()));
    follower.offer(likes(1), performance.now() - 60_000);
    expect(await follower.next()).toEqual([likes(2)]);
    expect(reads).toHaveLength(1);
  });

  it('are not shown to somebody who may not see the post any more', async () => {
    const { follower } = follow((each) => each.close());
    follower.offer(likes(1), performance.now() - 60_000);
    expect(await follower.next()).toBeNull();
  });
});
