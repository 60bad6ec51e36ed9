import { Entity } from 'typeorm';
import { CountColumn, KeyColumn, TextColumn, TimeColumn } from '../../platform/postgres/columns';

/** `requested` waits for the answer of a private account. */
export type FollowState = 'accepted' | 'requested';

@Entity('follows')
export class FollowEntity {
  @KeyColumn('uuid', 'follower_id', 'follows_pkey') followerId!: string;
  @KeyColumn('uuid', 'followee_id', 'follows_pkey') followeeId!: string;
  @TextColumn('state') state!: FollowState;
  @TimeColumn('created_at') createdAt!: string;
}

@Entity('blocks')
export class BlockEntity {
  @KeyColumn('uuid', 'blocker_id', 'blocks_pkey') blockerId!: string;
  @KeyColumn('uuid', 'blocked_id', 'blocks_pkey') blockedId!: string;
  @TimeColumn('created_at') createdAt!: string;
}

@Entity('mutes')
export class MuteEntity {
  @KeyColumn('uuid', 'muter_id', 'mutes_pkey') muterId!: string;
  @KeyColumn('uuid', 'muted_id', 'mutes_pkey') mutedId!: string;
  @TimeColumn('created_at') createdAt!: string;
}

/** Accepted follows only. */
@Entity('relationship_counters')
export class RelationshipCountersEntity {
  @KeyColumn('uuid', 'user_id', 'relationship_counters_pkey') userId!: string;
  @CountColumn('followers', 0) followers!: number;
  @CountColumn('following', 0) following!: number;
}
