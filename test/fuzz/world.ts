import { hash } from '@node-rs/argon2';
import type { OperationRunner } from '../../bench/operation-runner';
import { systemClock } from '../../src/kernel/clock';
import { encodeId, newId } from '../../src/kernel/ids';
import { AccessTokens } from '../../src/modules/auth/access-token';
import { loadWorld } from '../../src/world/load';
import { type Person, TEST_SIGNING_KEY, type TestApp } from '../support/app';
import type { Place, Pool } from './values';

const SIZE = { users: 60, posts: 300, comments: 900, likes: 1_500, follows: 700, blocks: 6 };
const NOW = Date.UTC(2026, 4, 20, 16, 30);
const VIEWERS = 4;

/** A small world, and some of its people signed in. */
export async function openWorld(app: TestApp): Promise<{ pool: Pool; viewers: Person[] }> {
  await loadWorld(app.databaseUrl, SIZE, {
    seed: 7,
    now: NOW,
    passwordHash: await hash('nobody knows this'),
    pullThreshold: 25,
  });
  const idsOf = async (table: string, prefix: string) => {
    const { rows } = await app.sql.query(`SELECT id FROM ${table} ORDER BY id`);
    return rows.map(({ id }) => encodeId(prefix, id));
  };
  const { rows: people } = await app.sql.query(`
    SELECT u.id, u.handle FROM users u JOIN relationship_counters c ON c.user_id = u.id
    ORDER BY c.following DESC, u.id LIMIT ${VIEWERS}`);
  const { rows: handles } = await app.sql.query('SELECT handle FROM users ORDER BY id LIMIT 20');
  const pool: Pool = {
    users: await idsOf('users', 'user'),
    posts: await idsOf('posts', 'post'),
    comments: await idsOf('comments', 'comment'),
    handles: handles.map(({ handle }) => handle),
    places: [],
  };
  const viewers = await Promise.all(people.map(({ id, handle }) => signIn(app, id, handle)));
  return { pool, viewers };
}

async function signIn(app: TestApp, uuid: string, handle: string): Promise<Person> {
  const sessionId = newId();
  await app.sql.query('INSERT INTO sessions (id, user_id, created_at, last_used_at) VALUES ($1, $2, now(), now())', [
    sessionId,
    uuid,
  ]);
  const tokens = await AccessTokens.create({
    signingKeyPem: TEST_SIGNING_KEY,
    issuer: 'http://localhost',
    lifetimeSeconds: 3_600,
    clock: systemClock,
  });
  const token = await tokens.issue({ userId: uuid, sessionId });
  return { uuid, id: encodeId('user', uuid), handle, token, sessionId } as Person;
}

const CURSORS = 'edges { cursor }';

interface Listed {
  readonly edges: readonly { readonly cursor: string }[];
}

/** Puts cursors that the service gives out for real lists into the pool. */
export async function harvestPlaces(runner: OperationRunner, pool: Pool): Promise<void> {
  const posts = pool.posts.slice(0, 60).map(async (id) => {
    const query = `query Places($id: ID!) { post(id: $id) {
      OLDEST: comments(first: 2) { ${CURSORS} } NEWEST: comments(first: 2, order: NEWEST) { ${CURSORS} }
      likedBy(first: 2) { ${CURSORS} } } }`;
    const { data } = await runner.run({ query, variables: { id } }, null);
    return placesIn('post', id, (data as { post: Record<string, Listed> | null }).post);
  });
  const users = pool.users.slice(0, 20).map(async (id) => {
    const query = `query Places($id: ID!) { user(id: $id) {
      posts(first: 2) { ${CURSORS} } followers(first: 2) { ${CURSORS} } following(first: 2) { ${CURSORS} } } }`;
    const { data } = await runner.run({ query, variables: { id } }, null);
    return placesIn('user', id, (data as { user: Record<string, Listed> | null }).user);
  });
  pool.places.push(...(await Promise.all([...posts, ...users])).flat());
}

function placesIn(owner: Place['owner'], id: string, lists: Record<string, Listed> | null): Place[] {
  return Object.entries(lists ?? {}).flatMap(([name, { edges }]) => {
    const sorted = name === 'OLDEST' || name === 'NEWEST';
    const list = sorted ? 'comments' : name;
    return edges.map(({ cursor: after }) => ({ owner, id, list, after, ...(sorted && { order: name }) }));
  });
}
