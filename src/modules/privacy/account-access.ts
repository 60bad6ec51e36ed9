import type { Transaction } from '../../platform/postgres/database';
import { credentials, forgetTokens } from '../auth';
import { forgetDevices } from '../devices';
import { forgetCodes } from '../oauth';
import { forgetPasskeyHandle } from '../passkeys';
import { forgetMails } from '../passwords';
import { removeOfUser } from './data-export.repository';

/**
 * Removes what an account is reached and signed in to by, but for its passkeys and identities, which are ways in; and the
 * copies of its data.
 */
export async function forgetAccess(tx: Transaction, userId: string): Promise<void> {
  await forgetTokens(tx, userId);
  await credentials.remove(tx, userId);
  await forgetMails(tx, userId);
  await forgetPasskeyHandle(tx, userId);
  await forgetCodes(tx, userId);
  await forgetDevices(tx, userId);
  await removeOfUser(tx, userId);
}
