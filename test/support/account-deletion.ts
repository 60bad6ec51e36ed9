import type { Person, TestApp } from './app';
import { type DeviceKey, makeKey, makeProof, post, signedOver } from './proofs';

export const DELETE = `mutation Delete($input: DeleteAccountInput!) {
  deleteAccount(input: $input) { replayed deletedId userErrors { code path } }
}`;

/** Sends deleteAccount with this token and a proof by this key over exactly that, or without a proof. */
export async function askToDelete(
  app: TestApp,
  { token, scheme = 'Bearer' }: { readonly token: string; readonly scheme?: string },
  input: object,
  key: DeviceKey | null,
  claims: object = {},
) {
  const said = { ...signedOver(token, DELETE, { input }), ...claims };
  const dpop = key && (await makeProof(key, `${app.url}/graphql`, 'POST', { claims: said }));
  return post(app, DELETE, { input }, { authorization: `${scheme} ${token}`, ...(dpop && { dpop }) });
}

/** Deletes somebody's account by its mutation, as if they had just shown who they are with a key. */
export async function leave(app: TestApp, person: Person): Promise<void> {
  const key = await vouchedKey(app, person);
  const { data, errors } = await askToDelete(app, person, { confirmHandle: person.handle }, key);
  const [refused] = errors ?? data.deleteAccount.userErrors;
  if (refused) throw new Error(`the account was not deleted: ${JSON.stringify(refused)}`);
}

/** A key that the owner of a session made without a password has vouched for. */
export async function vouchedKey(app: TestApp, person: Person): Promise<DeviceKey> {
  const key = await makeKey();
  await app.sql.query('UPDATE sessions SET confirmed_key = $1, authenticated_at = now() WHERE user_id = $2', [
    key.thumbprint,
    person.uuid,
  ]);
  return key;
}

/** In which columns of the whole database, the queue of jobs included, these texts stand, whatever their case. */
export async function whereStands(app: TestApp, ...texts: string[]): Promise<string[]> {
  const { rows: tables } = await app.sql.query(`
    SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
    WHERE schemaname = 'public' OR (schemaname, tablename) = ('graphile_worker', '_private_jobs') ORDER BY 1`);
  const found: string[] = [];
  for (const { name } of tables) {
    for (const text of texts) {
      const { rows } = await app.sql.query(
        `SELECT count(*)::int AS n FROM ${name} t WHERE t::text ILIKE '%' || $1 || '%'`,
        [text],
      );
      if (rows[0].n > 0) found.push(`${name}: ${text}`);
    }
  }
  return found;
}
