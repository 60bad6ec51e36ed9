import { startTestApp, type TestApp } from '../support/app';
import { Authenticator } from '../support/authenticator';
import { addPasskey, passkey, signInByPasskey } from '../support/passkeys';
import { liveSessions, type Member, member, opens, PASSWORD, signed, signIn, waiting } from '../support/passwords';
import { type SmtpServer, startSmtpServer } from '../support/smtp-server';
import { mutate } from '../support/verbs';

const FRESH = 'another horse battery';

let smtp: SmtpServer;
let app: TestApp;

beforeAll(async () => {
  smtp = await startSmtpServer();
  const env = { MAIL_URL: smtp.url, APP_LINK_URL: 'https://app.example.com/go/', MAILS_PER_HOUR: '3' };
  app = await startTestApp({ env });
});
afterAll(async () => {
  await app.close();
  await smtp.close();
});

const invalidLink = [{ code: 'INVALID', path: ['input', 'token'] }];
const ask = (email: string) => mutate(app, null, 'requestPasswordReset', { email });
const reset = (token: string, newPassword = FRESH, more: object = {}) =>
  mutate(app, null, 'resetPassword', { token, newPassword, ...more });

/** Somebody who has asked to reset the password and got the mail. */
async function forgetful(handle: string): Promise<{ who: Member; token: string }> {
  const who = await member(app, handle);
  // The mail that welcomes has another link in it, and is to come first.
  await app.jobsDone();
  expect((await ask(who.email)).userErrors).toEqual([]);
  await app.jobsDone();
  return { who, token: smtp.tokenFor(who.email) };
}

describe('resetting a password', () => {
  it('lets nobody who was signed in change the address behind it', async () => {
    const { who, token } = await forgetful('reset_ula');
    const holder = await app.sql.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM credentials WHERE user_id = $1 FOR UPDATE', [who.uuid]);
    const resetting = reset(token);
    await waiting(app, 1);
    const changing = signed(app, who, 'changeEmail', { email: 'reset_thief@example.com' }).catch(String);
    await waiting(app, 2);
    await holder.query('COMMIT');
    holder.release();
    expect((await resetting).userErrors).toEqual([]);
    expect(await changing).toMatch('UNAUTHENTICATED');
    await app.jobsDone();
    expect(smtp.to('reset_thief@example.com')).toEqual([]);
  });

  it('takes away other ways in that were added before the address was known to be theirs', async () => {
    const { who, token } = await forgetful('reset_trojan');
    const phone = new Authenticator();
    expect((await addPasskey(app, phone, who)).userErrors).toEqual([]);
    expect((await reset(token)).userErrors).toEqual([]);
    expect((await signInByPasskey(app, phone)).userErrors).toMatchObject([{ code: 'INVALID_CREDENTIALS' }]);
    const owner = { ...who, token: (await signIn(app, who.email, FRESH)).accessToken };
    expect((await addPasskey(app, phone, owner)).userErrors).toEqual([]);
    expect((await ask(who.email)).userErrors).toEqual([]);
    await app.jobsDone();
    expect((await reset(smtp.tokenFor(who.email), PASSWORD)).userErrors).toEqual([]);
    expect((await signInByPasskey(app, phone)).userErrors).toEqual([]);
  });

  it('takes the link of the mail, ends every session, and verifies the address', async () => {
    const { who, token } = await forgetful('reset_pam');
    await signIn(app, 'reset_pam');
    expect(smtp.to(who.email).at(-1)?.text).toContain(`https://app.example.com/go/reset-password#token=${token}`);
    expect(await reset(token)).toMatchObject({ userErrors: [], replayed: false });
    expect(await liveSessions(app, who)).toBe(0);
    expect([await opens(app, who.email, PASSWORD), await opens(app, who.email, FRESH)]).toEqual([false, true]);
    const again = { ...who, token: (await signIn(app, 'reset_pam', FRESH)).accessToken };
    expect((await app.ok('{ viewer { emailVerified } }', {}, again)).viewer).toEqual({ emailVerified: true });
    const { rows } = await app.sql.query('SELECT kind FROM audit_events WHERE user_id = $1', [who.uuid]);
    expect(rows.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['password.reset-asked', 'password.changed', 'email.verified', 'session.ended']),
    );
    await app.jobsDone();
    expect(smtp.to(who.email).at(-1)?.text).toContain('has a new password');
  });

  it('lets no passkey in that was on its way meanwhile', async () => {
    const { who, token } = await forgetful('reset_wes');
    const phone = new Authenticator();
    const { options } = await passkey(app, 'beginPasskeyRegistration', {}, who);
    const holder = await app.sql.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM users WHERE id = $1 FOR UPDATE', [who.uuid]);
    const resetting = reset(token);
    await waiting(app, 1);
    const adding = passkey(app, 'finishPasskeyRegistration', { response: phone.create(options) }, who).catch(String);
    await waiting(app, 2);
    await holder.query('COMMIT');
    holder.release();
    expect((await resetting).userErrors).toEqual([]);
    expect(await adding).toMatch('UNAUTHENTICATED');
    expect((await signInByPasskey(app, phone)).userErrors).toMatchObject([{ code: 'INVALID_CREDENTIALS' }]);
  });

  it('works once, also for many at once, and the other links of the account with it', async () => {
    const { who, token } = await forgetful('reset_quin');
    await ask(who.email);
    await app.jobsDone();
    const other = smtp.tokenFor(who.email);
    expect(other).not.toBe(token);
    const wanted = Array.from({ length: 8 }, (_, i) => `new horse battery ${i}`);
    const answers = await Promise.all(wanted.map((each) => reset(token, each)));
    const done = answers.flatMap(({ userErrors }, i) => (userErrors.length === 0 ? [wanted[i]] : []));
    expect(done).toHaveLength(1);
    expect(await opens(app, who.email, done[0] ?? '')).toBe(true);
    expect((await reset(token)).userErrors).toMatchObject(invalidLink);
    expect((await reset(other)).userErrors).toMatchObject(invalidLink);
  });

  it('is answered again when it is sent again with its key', async () => {
    const { who, token } = await forgetful('reset_rob');
    expect(await reset(token, FRESH, { clientMutationId: 'k' })).toMatchObject({ userErrors: [], replayed: false });
    expect(await reset(token, FRESH, { clientMutationId: 'k' })).toMatchObject({ userErrors: [], replayed: true });
    expect(await reset(token, 'yet another horse', { clientMutationId: 'k' })).toMatchObject({ replayed: true });
    expect(await opens(app, who.email, FRESH)).toBe(true);
  });

  it('takes no link that is too old, of another kind, or sent to an address that the account has left', async () => {
    const { who, token } = await forgetful('reset_sue');
    const [welcome] = smtp.to(who.email).map(({ text }) => /#token=([\w-]+)/.exec(text)?.[1] ?? '');
    expect((await reset(welcome ?? '')).userErrors).toMatchObject(invalidLink);
    await app.sql.query(`UPDATE credentials SET email = 'left@example.com' WHERE user_id = $1`, [who.uuid]);
    expect((await reset(token)).userErrors).toMatchObject(invalidLink);
    await app.sql.query(`UPDATE credentials SET email = $2 WHERE user_id = $1`, [who.uuid, who.email]);
    await app.sql.query(`UPDATE mails SET expires_at = now() - interval '1 ms' WHERE user_id = $1`, [who.uuid]);
    expect((await reset(token)).userErrors).toMatchObject(invalidLink);
    expect(await opens(app, who.email, PASSWORD)).toBe(true);
  });

  it('leaves the link good when the new password is refused', async () => {
    const { who, token } = await forgetful('reset_tom');
    for (const weak of ['short', 'password1', 'reset_tom', who.email]) {
      expect((await reset(token, weak)).userErrors).toMatchObject([
        { code: 'INVALID', path: ['input', 'newPassword'] },
      ]);
    }
    expect((await reset(token)).userErrors).toEqual([]);
  });

  it('does not bring a deleted account back', async () => {
    const { who, token } = await forgetful('reset_uma');
    await app.sql.query('UPDATE users SET deleted_at = now() WHERE id = $1', [who.uuid]);
    expect((await reset(token)).userErrors).toMatchObject(invalidLink);
  });

  it('answers for an address that nobody has just as for others, down to the limit, and sends nothing', async () => {
    const { who } = await forgetful('reset_vic');
    const nobody = 'reset_nobody@example.com';
    const document =
      'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { replayed userErrors { code message path } } }';
    const askFor = async (email: string) => {
      const answer = await app.query(document, { input: { email } });
      return { status: answer.status, text: answer.text, statements: app.statementsOf('anonymous') };
    };
    await askFor(nobody);
    for (let i = 0; i < 2; i += 1) expect(await askFor(nobody)).toEqual(await askFor(who.email));
    const [known, unknown] = [await askFor(who.email), await askFor(nobody)];
    expect(known.text).toContain('RATE_LIMITED');
    expect(unknown).toEqual(known);
    await app.jobsDone();
    expect(smtp.to(nobody)).toEqual([]);
    expect(smtp.to(who.email).filter(({ text }) => text.includes('reset-password'))).toHaveLength(3);
  });
});
