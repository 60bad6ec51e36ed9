import { encodeId } from '../../kernel/ids';
import { atOnce, type ExportSource, inPages, shownAs } from '../../platform/export/export-source';
import type { CredentialRow } from './credential.entity';
import * as credentials from './credential.repository';
import type { SessionRow } from './session.entity';
import * as sessions from './session.repository';
import { SESSION_PREFIX } from './session.service';

/** How somebody signs in and where they are signed in, without anything that signs in. */
export const exportsOfAuth: readonly ExportSource[] = [
  {
    name: 'account',
    about: 'Your e-mail address.',
    pages: (executor, { userId }) => shownAs(atOnce(credentials.findByUserIds(executor, [userId])), showCredential),
  },
  {
    name: 'sessions',
    about: 'Where you are or were signed in, as far as that is kept.',
    pages: (executor, { userId }) =>
      shownAs(
        inPages(
          (stretch) => sessions.pageByUser(executor, userId, stretch),
          ({ id }) => [id],
        ),
        showSession,
      ),
  },
];

function showCredential({ email, emailVerifiedAt, passwordHash, updatedAt }: CredentialRow): object {
  return { email, emailVerifiedAt, hasPassword: passwordHash !== '', updatedAt };
}

function showSession(session: SessionRow): object {
  const { id, method, clientId, createdAt, authenticatedAt, lastUsedAt, revokedAt } = session;
  const at = { createdAt, authenticatedAt: authenticatedAt ?? createdAt, lastUsedAt, endedAt: revokedAt };
  return { id: encodeId(SESSION_PREFIX, id), method: method.toUpperCase(), clientId, ...at };
}
