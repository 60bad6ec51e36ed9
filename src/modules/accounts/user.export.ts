import type { Accompanied } from '../../graphql/companions';
import { encodeId } from '../../kernel/ids';
import { atOnce, type ExportSource, shownAs } from '../../platform/export/export-source';
import type { UserRow } from './user.entity';
import * as users from './user.repository';
import { USER_PREFIX } from './user.service';

/** Somebody as they are named in other people's copies of their data. */
export function namedPerson({ id, handle }: Pick<UserRow, 'id' | 'handle'>): object {
  return { id: encodeId(USER_PREFIX, id), handle };
}

export const exportOfProfile: ExportSource = {
  name: 'profile',
  about: 'Your profile, as other people see it.',
  pages: (executor, viewer) => shownAs(atOnce(users.findReachable(executor, [viewer.userId], viewer)), showProfile),
};

function showProfile({ node: user }: Accompanied<UserRow>): object {
  const { id, name, handle, bio, createdAt, updatedAt } = user;
  return { id: encodeId(USER_PREFIX, id), name, handle, bio, private: user.private, createdAt, updatedAt };
}
