import { Column, Entity } from 'typeorm';
import { CountColumn, KeyColumn, TextColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

/** A person as stored. */
export interface UserRow {
  id: string;
  name: string;
  handle: string;
  bio: string | null;
  private: boolean;
  version: number;
  createdAt: string;
  updatedAt: string;
  deletedAt: string | null;
}

@Entity('users')
export class UserEntity implements UserRow {
  @KeyColumn('uuid', 'id', 'users_pkey') id!: string;
  @TextColumn('name') name!: string;
  @TextColumn('handle') handle!: string;
  @TextColumn('bio', { nullable: true }) bio!: string | null;
  @Column('boolean', { name: 'private', default: false }) private!: boolean;
  @CountColumn('version', 1) version!: number;
  @TimeColumn('created_at') createdAt!: string;
  @TimeColumn('updated_at') updatedAt!: string;
  @TimeColumn('deleted_at', { nullable: true }) deletedAt!: string | null;
}

@Entity('user_handles')
export class UserHandleEntity {
  @KeyColumn('text', 'handle_key', 'user_handles_pkey') handleKey!: string;
  @UuidColumn('user_id') userId!: string;
  /** Until when it stays taken, its account being deleted; null for a handle in use. */
  @TimeColumn('held_until', { nullable: true }) heldUntil!: string | null;
}
