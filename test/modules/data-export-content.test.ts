import { newId } from '../../src/kernel/ids';
import { startTestApp, type TestApp } from '../support/app';
import { fetchCopy, make, makeAndRead, newOwner, type Owner, type Row } from '../support/data-exports';
import { acquaint, add, leave, send, start, textsIn } from '../support/messaging';
import { signIn } from '../support/proofs';
import { block, follow, readWhole } from '../support/social';
import { comment, like, mutate, publish, relate, remove } from '../support/verbs';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** The same person in a session whose requests need no proof. */
async function plain(owner: Owner) {
  return { ...owner, token: (await signIn(app, owner.handle)).accessToken };
}

const columns = (rows: readonly Row[], ...names: string[]) =>
  rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])));
const ids = (rows: readonly Row[]) => rows.map(({ id }) => id);

describe('a copy of the own data', () => {
  it('holds what the API shows its owner', async () => {
    const owner = await newOwner(app, 'ada');
    const ada = await plain(owner);
    const [bob, cat, dan] = [await app.person('bob'), await app.person('cat'), await app.person('dan')];
    const closed = await app.person('closed', { private: true });
    await mutate(app, ada, 'updateProfile', { name: 'Ada L', bio: 'Line one\nLine "two" – ü' });
    await follow(app, ada, bob, closed);
    await follow(app, cat, ada);
    await block(app, ada, dan);
    await relate(app, ada, cat, { muting: true });
    const post = await publish(app, ada, 'Mine, public');
    await publish(app, ada, 'Mine, private', { audience: 'PRIVATE' });
    const theirs = await publish(app, bob, 'of Bob');
    const { id: commentId } = await comment(app, ada, theirs, 'My comment');
    await like(app, ada, theirs);
    const pair = await start(app, bob, [ada]);
    const said = await send(app, bob, pair, 'Hello Ada');
    await send(app, ada, pair, 'Hello Bob');
    await app.sql.query(
      `INSERT INTO identities (issuer, subject, id, user_id, linked_at, signed_in_at)
       VALUES ('https://issuer.example', 'subject-of-ada', $1, $2, now(), now())`,
      [newId(), ada.uuid],
    );

    const copy = await makeAndRead(app, owner);
    const api = await owner.ask(`{ viewer {
      user { id name handle bio private createdAt updatedAt email posts(first: 5) { nodes { id text audience createdAt updatedAt } } }
      sessions { id method clientId createdAt lastUsedAt authenticatedAt }
      conversations(first: 3) { nodes { id participants(first: 5) { nodes { id handle } } messages(first: 5) { nodes { id seq text sentAt updatedAt sender { id } } } } }
    } }`);
    const { email, posts, ...profile } = api.viewer.user;
    const byId = (one: Row, other: Row) => (String(one['id']) < String(other['id']) ? -1 : 1);
    expect(copy.rows('profile')).toEqual([profile]);
    expect(copy.rows('account')).toMatchObject([{ email, emailVerifiedAt: null, hasPassword: true }]);
    expect(columns(copy.rows('sessions'), ...Object.keys(api.viewer.sessions[0]))).toEqual(
      [...api.viewer.sessions].sort(byId),
    );
    expect(copy.rows('posts')).toEqual([...posts.nodes].reverse());
    expect(copy.rows('comments')).toMatchObject([{ id: commentId, post: theirs, text: 'My comment' }]);
    expect(copy.rows('likes')).toMatchObject([{ post: theirs, author: { id: bob.id, handle: 'bob' } }]);
    expect(ids(copy.rows('following'))).toEqual(await readWhole(app, ada, 'following', ada.id));
    expect(ids(copy.rows('followers'))).toEqual(await readWhole(app, ada, 'followers', ada.id));
    expect(columns(copy.rows('follow-requests-sent'), 'handle')).toEqual([{ handle: 'closed' }]);
    expect(copy.rows('follow-requests-received')).toEqual([]);
    expect(columns(copy.rows('blocks'), 'handle')).toEqual([{ handle: 'dan' }]);
    expect(columns(copy.rows('mutes'), 'handle')).toEqual([{ handle: 'cat' }]);
    expect(copy.rows('identities')).toMatchObject([{ issuer: 'https://issuer.example', subject: 'subject-of-ada' }]);
    const [conversation] = api.viewer.conversations.nodes;
    expect(copy.rows('conversations')).toMatchObject([{ id: pair, kind: 'direct', title: null, muted: false }]);
    expect(columns(copy.rows('conversation-participants'), 'conversation', 'id', 'handle')).toEqual(
      conversation.participants.nodes.map((person: Row) => ({ conversation: pair, ...person })),
    );
    expect(copy.rows('messages')).toEqual(
      conversation.messages.nodes.map(({ sender, ...message }: Row & { sender: { id: string } }) => ({
        ...{ ...message, conversation: pair, sender: sender.id },
      })),
    );
    expect(copy.rows('messages')[0]).toMatchObject({ id: said.id, text: 'Hello Ada', sender: bob.id });
    expect(copy.rows('account-events').map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['account.created', 'session.opened', 'export.requested']),
    );
    expect(JSON.stringify(copy.rows('posts'))).toContain(post);
  });

  it('says in a manifest what stands in which file', async () => {
    const owner = await newOwner(app, 'mia');
    const made = await make(app, owner);
    const copy = await fetchCopy(app, made);
    const manifest = JSON.parse(copy.text.slice(copy.text.indexOf('{\n  "format"')));
    expect(manifest).toMatchObject({ format: 'portico data export', version: 1, export: made.id });
    expect(manifest.files.map(({ file }: { file: string }) => file)).toEqual(copy.names.slice(0, -1));
    for (const { file, rows } of manifest.files) expect(copy.rows(file.replace('.ndjson', ''))).toHaveLength(rows);
  });

  it('holds nothing that signs anybody in', async () => {
    const owner = await newOwner(app, 'sue');
    const register = `mutation ($input: RegisterDeviceInput!) { registerDevice(input: $input) { userErrors { code } } }`;
    const signingKeyJwk = JSON.stringify(owner.key.jwk);
    const input = {
      platform: 'IOS',
      appVersion: '1.2',
      name: 'Phone of Sue',
      pushToken: 'push-token-of-sue',
      signingKeyJwk,
    };
    expect((await owner.ask(register, { input })).registerDevice.userErrors).toEqual([]);
    await app.sql.query(
      `INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, transports, aaguid, synced, backed_up, name, created_at)
       VALUES ($1, $2, 'credential-of-sue', 'public-key-of-sue', 0, '[]', '', true, true, 'Key chain', now())`,
      [newId(), owner.uuid],
    );
    const copy = await makeAndRead(app, owner);
    expect(copy.rows('devices')).toMatchObject([{ platform: 'IOS', name: 'Phone of Sue', appVersion: '1.2' }]);
    expect(copy.rows('passkeys')).toMatchObject([{ name: 'Key chain', synced: true }]);
    const { rows } = await app.sql.query(
      `SELECT password_hash AS secret FROM credentials WHERE user_id = $1 UNION ALL
       SELECT t.token_hash FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id WHERE s.user_id = $1 UNION ALL
       SELECT seed FROM mails WHERE user_id = $1 AND seed IS NOT NULL UNION ALL
       SELECT token_hash FROM mails WHERE user_id = $1 AND token_hash IS NOT NULL`,
      [owner.uuid],
    );
    const { accessToken, refreshToken } = owner.session;
    const secrets = [...rows.map(({ secret }) => secret), accessToken, refreshToken, owner.key.jwk.x, 'argon2'];
    expect(secrets.length).toBeGreaterThan(5);
    for (const secret of [...secrets, 'push-token-of-sue', 'credential-of-sue', 'public-key-of-sue']) {
      expect(copy.text).not.toContain(secret);
    }
  });

  it('holds nothing of others that its owner may not see, and does not tell who has blocked them', async () => {
    const owner = await newOwner(app, 'eva');
    const eva = await plain(owner);
    const [foe, friend, guest] = [await app.person('foe'), await app.person('friend'), await app.person('guest')];
    await acquaint(app, eva, foe, friend, guest);
    const hidden = await publish(app, foe, 'Post of a foe');
    const turned = await publish(app, friend, 'Post that closes');
    for (const post of [hidden, turned]) await like(app, eva, post);
    await comment(app, eva, hidden, 'Said to a foe!');
    await comment(app, foe, turned, 'Comment of a foe');
    const pair = await start(app, foe, [eva]);
    await send(app, foe, pair, 'Secret of a foe');
    await send(app, eva, pair, 'Answer to a foe!');
    const group = await start(app, friend, [foe, guest], 'Group');
    await send(app, friend, group, 'Before Eva came');
    await add(app, friend, group, eva);
    await send(app, friend, group, 'While Eva is here');
    await send(app, foe, group, 'Foe in the group');
    const gone = await send(app, eva, group, 'Deleted by Eva');
    await remove(app, eva, gone.id);
    await send(app, eva, group, 'Eva answers');
    const left = await start(app, friend, [eva, guest], 'Left');
    await send(app, friend, left, 'In a group that was left');
    await send(app, eva, left, 'By Eva in a group that was left');
    await remove(app, eva, (await send(app, eva, left, 'Deleted in a group that was left')).id);
    await leave(app, eva, left);
    await send(app, friend, left, 'After Eva left');
    const regret = await publish(app, eva, 'Deleted post');
    await remove(app, eva, regret);
    await remove(app, eva, (await comment(app, eva, turned, 'Deleted comment')).id);
    await block(app, foe, eva);
    await mutate(app, friend, 'updatePost', { id: turned, audience: 'PRIVATE' });
    await app.sql.query(
      `INSERT INTO audit_events (chain, seq, kind, user_id, address, details, at, hash)
       VALUES (999, 1, 'sign-in.refused', $1, '203.0.113.77', '{}', now(), '')`,
      [eva.uuid],
    );

    const copy = await makeAndRead(app, owner);
    expect(copy.text).not.toContain('foe"');
    expect(copy.text).not.toContain(foe.id);
    expect(copy.text).not.toMatch(/of a foe|Foe in|Before Eva|After Eva|Deleted|In a group that was left|203\.0\.113/);
    expect(columns(copy.rows('likes'), 'post', 'author')).toEqual(
      [hidden, turned].sort().map((post) => ({ post, author: null })),
    );
    expect(columns(copy.rows('conversations'), 'id')).toEqual([{ id: group }]);
    expect(copy.rows('messages').map(({ text }) => text)).toEqual(['While Eva is here', 'Eva answers']);
    expect((await textsIn(app, eva, group))?.filter((text) => text !== '(deleted)')).toEqual([
      'While Eva is here',
      'Eva answers',
    ]);
    expect(columns(copy.rows('messages-sent-elsewhere'), 'conversation', 'text')).toEqual([
      { conversation: pair, text: 'Answer to a foe!' },
      { conversation: left, text: 'By Eva in a group that was left' },
    ]);
    expect(copy.rows('posts')).toEqual([]);
    expect(copy.rows('comments').map(({ text }) => text)).toEqual(['Said to a foe!']);
    expect(copy.rows('account-events')).toContainEqual(
      expect.objectContaining({ kind: 'sign-in.refused', address: null }),
    );
  });

  it('holds all of a large account, each thing once, page by page', async () => {
    const owner = await newOwner(app, 'max');
    const other = await app.person('prolific');
    await app.sql.query(
      `WITH made AS (
         INSERT INTO posts (id, author_id, text, audience, created_at, updated_at)
         SELECT overlay(gen_random_uuid()::text placing '7' from 15)::uuid, $2, i::text, 'PUBLIC', now(), now()
         FROM generate_series(1, 1000) i RETURNING id),
       liked AS (INSERT INTO likes (post_id, user_id, created_at) SELECT id, $1, now() FROM made),
       said AS (
         INSERT INTO comments (post_id, id, seq, author_id, text, created_at, updated_at)
         SELECT id, overlay(gen_random_uuid()::text placing '7' from 15)::uuid, 1, $1, 'c', now(), now() FROM made)
       INSERT INTO posts (id, author_id, text, audience, created_at, updated_at)
       SELECT overlay(gen_random_uuid()::text placing '7' from 15)::uuid, $1, i::text, 'PUBLIC', date_trunc('second', now()), now()
       FROM generate_series(1, 1301) i`,
      [owner.uuid, other.uuid],
    );
    const copy = await makeAndRead(app, owner);
    const texts = copy.rows('posts').map(({ text }) => Number(text));
    expect([...texts].sort((one, two) => one - two)).toEqual(Array.from({ length: 1_301 }, (_, index) => index + 1));
    expect(new Set(copy.rows('likes').map(({ post }) => post)).size).toBe(1_000);
    expect(copy.rows('likes')).toHaveLength(1_000);
    expect(new Set(ids(copy.rows('comments'))).size).toBe(1_000);
  });
});
