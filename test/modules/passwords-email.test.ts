import { startTestApp, type TestApp } from '../support/app';
import { appendedBy, namesOf, sentences } from '../support/change-log';
import { auditOf, type Member, member, opens, PASSWORD, signed, trySignUp } from '../support/passwords';
import { type SmtpServer, startSmtpServer } from '../support/smtp-server';
import { mutate, type PasswordMutation } from '../support/verbs';

const FRESH = 'another horse battery';

let smtp: SmtpServer;
let app: TestApp;

beforeAll(async () => {
  smtp = await startSmtpServer();
  app = await startTestApp({
    env: {
      MAIL_URL: smtp.url,
      MAIL_FROM: 'Portico <hello@portico.example>',
      APP_LINK_URL: 'https://app.example.com/go/',
      MAILS_PER_HOUR: '3',
    },
  });
});
afterAll(async () => {
  await app.close();
  await smtp.close();
});

const invalidLink = [{ code: 'INVALID', path: ['input', 'token'] }];
const asStranger = (name: PasswordMutation, input: object) => mutate(app, null, name, input);
const verify = (token: string, more: object = {}) => asStranger('verifyEmail', { token, ...more });
async function isVerified(who: Member): Promise<boolean> {
  return (await app.ok('{ viewer { emailVerified } }', {}, who)).viewer.emailVerified;
}

async function emailOf(who: Member): Promise<string> {
  return (await app.ok('{ viewer { user { email } } }', {}, who)).viewer.user.email;
}

/** Signs up and waits for the mail. */
async function welcomed(handle: string): Promise<Member> {
  const made = await member(app, handle);
  await app.jobsDone();
  return made;
}

/** Somebody who has asked to reset the password and got the mail. */
async function forgetful(handle: string): Promise<{ who: Member; token: string }> {
  const who = await welcomed(handle);
  expect((await asStranger('requestPasswordReset', { email: who.email })).userErrors).toEqual([]);
  await app.jobsDone();
  return { who, token: smtp.tokenFor(who.email) };
}

async function ageLinks(who: Member): Promise<void> {
  await app.sql.query(`UPDATE mails SET expires_at = now() - interval '1 ms' WHERE user_id = $1`, [who.uuid]);
}

describe('a mail', () => {
  it('arrives in two forms, with a link whose secret no server on the way sees', async () => {
    const ada = await welcomed('mail_ada');
    const [mail, ...more] = smtp.to(ada.email);
    expect(more).toEqual([]);
    const link = `https://app.example.com/go/verify-email#token=${smtp.tokenFor(ada.email)}`;
    expect(mail?.from).toBe('hello@portico.example');
    expect(mail?.headers).toMatch(/^Subject: Verify your e-mail address\r?$/m);
    expect(mail?.headers).toMatch(/^From: "?Portico"? <hello@portico.example>\r?$/m);
    expect(mail?.headers).toMatch(/^Auto-Submitted: auto-generated\r?$/m);
    expect(mail?.text).toContain(link);
    expect(mail?.html).toContain(`<a href="${link}">Verify this address</a>`);
  });

  it('is sent again when the server could not take it', async () => {
    smtp.refuseNext(1);
    const bob = await member(app, 'mail_bob');
    await app.jobsDone();
    expect(smtp.to(bob.email)).toHaveLength(1);
    // Servers repeat the address in what they say is wrong.
    expect(JSON.stringify(app.log)).toContain('job failed');
    expect(JSON.stringify(app.log)).not.toContain(bob.email);
  });

  it('leaves no usable secret in the database or the log', async () => {
    const { who, token } = await forgetful('mail_cyd');
    const { rows } = await app.sql.query(
      `SELECT to_jsonb(m)::text AS row FROM mails m UNION ALL SELECT payload::text FROM graphile_worker._private_jobs`,
    );
    const stored = rows.map(({ row }) => row).join('\n');
    expect(stored).toContain(who.uuid);
    for (const text of [stored, JSON.stringify(app.log)]) expect(text).not.toContain(token);
    expect(JSON.stringify(app.log)).not.toContain(who.email);
    const { rows: told } = await app.sql.query('SELECT details FROM audit_events');
    expect(JSON.stringify(told)).not.toContain('@');
  });
});

describe('verifying an address', () => {
  it('takes the link of the mail, once, and tells the apps of the account', async () => {
    const dan = await welcomed('verify_dan');
    expect(await isVerified(dan)).toBe(false);
    const token = smtp.tokenFor(dan.email);
    const told = await appendedBy(app, async () => {
      expect(await verify(token)).toMatchObject({ userErrors: [], replayed: false });
    });
    expect(await isVerified(dan)).toBe(true);
    expect(sentences(told, namesOf({ dan }))).toEqual(['dan PROFILE user dan']);
    expect((await verify(token)).userErrors).toMatchObject(invalidLink);
    expect(await auditOf(app, dan)).toContain('email.verified');
  });

  it('is answered again when it is sent again with its key', async () => {
    const eve = await welcomed('verify_eve');
    const token = smtp.tokenFor(eve.email);
    expect(await verify(token, { clientMutationId: 'k' })).toMatchObject({ userErrors: [], replayed: false });
    expect(await verify(token, { clientMutationId: 'k' })).toMatchObject({ userErrors: [], replayed: true });
  });

  it('happens by one of many who follow the link at once', async () => {
    const fay = await welcomed('verify_fay');
    const token = smtp.tokenFor(fay.email);
    const answers = await Promise.all(Array.from({ length: 8 }, () => verify(token)));
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
  });

  it('takes no link that is too old, none of another kind, and nothing made up', async () => {
    const { who, token } = await forgetful('verify_gil');
    expect((await verify(token)).userErrors).toMatchObject(invalidLink);
    for (const odd of ['', 'x', 'A'.repeat(43), 'A'.repeat(10_000)]) {
      expect((await verify(odd)).userErrors).toMatchObject(invalidLink);
    }
    const [old] = smtp.to(who.email).map(({ text }) => /#token=([\w-]+)/.exec(text)?.[1] ?? '');
    await ageLinks(who);
    expect((await verify(old ?? '')).userErrors).toMatchObject(invalidLink);
    expect(await isVerified(who)).toBe(false);
  });

  it('can be asked for again, a few times an hour, and not when it is done', async () => {
    const hal = await welcomed('verify_hal');
    for (let i = 0; i < 3; i += 1) {
      expect((await mutate(app, hal, 'requestEmailVerification', {})).userErrors).toEqual([]);
    }
    const [refused] = (await mutate(app, hal, 'requestEmailVerification', {})).userErrors;
    expect(refused).toMatchObject({ __typename: 'RateLimitedError', code: 'RATE_LIMITED' });
    expect(refused.retryAfterMs).toBeGreaterThan(3_500_000);
    await app.jobsDone();
    expect(smtp.to(hal.email)).toHaveLength(4);
    await verify(smtp.tokenFor(hal.email));
    expect((await mutate(app, hal, 'requestEmailVerification', {})).userErrors).toEqual([]);
    await app.jobsDone();
    expect(smtp.to(hal.email)).toHaveLength(4);
  });

  it('is for nobody else to see', async () => {
    const ida = await app.person('verify_ida');
    expect((await app.ok('{ viewer { emailVerified } }', {}, ida)).viewer).toEqual({ emailVerified: false });
    expect((await app.query('{ viewer { emailVerified } }')).data).toEqual({ viewer: null });
  });
});

describe('changing the address', () => {
  const ask = (who: Member, email: string, more: object = {}) => signed(app, who, 'changeEmail', { email, ...more });

  it('waits until the new one is verified; the old one is told of both', async () => {
    const jan = await welcomed('change_jan');
    expect((await ask(jan, 'new_jan@example.com', { password: PASSWORD })).userErrors).toEqual([]);
    await app.jobsDone();
    expect(await emailOf(jan)).toBe(jan.email);
    expect(await opens(app, 'new_jan@example.com', PASSWORD)).toBe(false);
    expect(smtp.to(jan.email).at(-1)?.text).toContain('asked to use another e-mail address');
    const told = await appendedBy(app, () => verify(smtp.tokenFor('new_jan@example.com')));
    expect(sentences(told, namesOf({ jan }))).toEqual(['jan PROFILE user jan']);
    expect([await emailOf(jan), await isVerified(jan)]).toEqual(['new_jan@example.com', true]);
    expect(await opens(app, 'new_jan@example.com', PASSWORD)).toBe(true);
    expect(await opens(app, jan.email, PASSWORD)).toBe(false);
    expect(smtp.to(jan.email).at(-1)?.text).toContain('has another e-mail address now');
    expect(await auditOf(app, jan)).toEqual(expect.arrayContaining(['email.change-asked', 'email.changed']));
    // The old address is free for somebody else, and what was sent to it worth nothing.
    expect((await verify(smtp.tokenFor(jan.email))).userErrors).toMatchObject(invalidLink);
    expect(
      (await trySignUp(app, { name: 'x', handle: 'heir', email: jan.email, password: PASSWORD })).userErrors,
    ).toEqual([]);
  });

  it('asks for the password where one is given, and for an address that is one', async () => {
    const kim = await welcomed('change_kim');
    expect((await ask(kim, 'new_kim@example.com', { password: 'wrong' })).userErrors).toMatchObject([
      { code: 'INVALID_CREDENTIALS', path: ['input', 'password'] },
    ]);
    for (const odd of ['nobody', kim.email, `${'x'.repeat(250)}@example.com`]) {
      expect((await ask(kim, odd)).userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'email'] }]);
    }
    await app.jobsDone();
    expect(smtp.to('new_kim@example.com')).toEqual([]);
  });

  it('tells whether somebody has the address only to who reads its mail', async () => {
    const lea = await welcomed('change_lea');
    const max = await welcomed('change_max');
    expect((await ask(lea, max.email)).userErrors).toEqual([]);
    await app.jobsDone();
    expect((await verify(smtp.tokenFor(max.email))).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    expect([await emailOf(lea), await emailOf(max)]).toEqual([lea.email, max.email]);
  });

  it('leaves one link good, the last, and only so many in an hour', async () => {
    const ned = await welcomed('change_ned');
    await ask(ned, 'ned1@example.com');
    await ask(ned, 'ned2@example.com');
    expect((await ask(ned, 'ned3@example.com')).userErrors).toEqual([]);
    expect((await ask(ned, 'ned4@example.com')).userErrors).toMatchObject([{ code: 'RATE_LIMITED' }]);
    await app.jobsDone();
    expect((await verify(smtp.tokenFor('ned1@example.com'))).userErrors).toMatchObject(invalidLink);
    expect((await verify(smtp.tokenFor('ned3@example.com'))).userErrors).toEqual([]);
    expect(await emailOf(ned)).toBe('ned3@example.com');
  });

  it('ends with the password: whoever had the old one gets no further', async () => {
    const ola = await welcomed('change_ola');
    await ask(ola, 'thief@example.com');
    await app.jobsDone();
    await signed(app, ola, 'changePassword', { currentPassword: PASSWORD, newPassword: FRESH });
    expect((await verify(smtp.tokenFor('thief@example.com'))).userErrors).toMatchObject(invalidLink);
    expect(await emailOf(ola)).toBe(ola.email);
  });
});
