import { RowExtent } from '../../graphql/row-extent';
import type { UserRow } from './user.entity';

/** Properties of people that nothing reads but these fields: a screen that asks for none of them reads rows without. */
export const userExtent = new RowExtent<UserRow>({
  bio: ['User.bio'],
  private: ['User.private'],
  version: ['User.version'],
  createdAt: ['User.createdAt'],
  updatedAt: ['User.updatedAt'],
  deletedAt: [],
});
