import type { Transaction } from '../../platform/postgres/database';
import { credentials, forgetTokens } from '../auth';
import { forgetDevices } from '../devices';
import { forgetCodes } from '../oauth';
import { forgetPasskeyHandle } from '../passkeys';
import { forgetMails } from '../passwords';

/** Removes what an account is reached and signed in to by, but for its passkeys and identities, which are ways in. */
export async function forgetAccess(tx: Transaction, userId: string): Promise<void> {
  await forgetTokens(tx, userId);
  await credentials.remove(tx, userId);
  await forgetMails(tx, userId);
  await forgetPasskeyHandle(tx, userId);
  await forgetCodes(tx, userId);
  await forgetDevices(tx, userId);
}
