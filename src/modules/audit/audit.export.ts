import { type ExportSource, inPages, shownAs } from '../../platform/export/export-source';
import type { AuditRow } from './audit.entity';
import * as trail from './audit.repository';

export const exportOfTrail: ExportSource = {
  name: 'account-events',
  about: 'What happened to your account: sign-ins, refusals, changes. The address is that of your own sessions.',
  pages: (executor, { userId }) =>
    shownAs(
      inPages(
        (stretch) => trail.pageByUser(executor, userId, stretch),
        ({ at, chain, seq }) => [at, chain, seq],
      ),
      showEvent,
    ),
};

/** Whoever was refused may be somebody else, whose address is not the owner's to have. */
function showEvent({ kind, sessionId, address, details, at }: AuditRow): object {
  const isOwn = sessionId !== null && !/\.(refused|reused)$/.test(kind);
  return { at, kind, address: isOwn ? address : null, details: JSON.parse(details) };
}
