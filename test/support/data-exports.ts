import type { Person, TestApp } from './app';
import { type DeviceKey, makeKey, makeProof, post, type SignedIn, signedOver, signIn, signUp } from './proofs';
import { unzip } from './zip';

/** What people do with copies of their data, through the public API. */

export const REQUEST = `mutation Ask($input: RequestDataExportInput!) { requestDataExport(input: $input) {
  userErrors { code message ... on RateLimitedError { retryAfterMs } } replayed
  dataExport { id state url expiresAt sizeBytes }
} }`;
const READ = `query Read($id: ID!) { node(id: $id) { ... on DataExport { id state url expiresAt sizeBytes createdAt } } }`;

export interface DataExport {
  readonly id: string;
  readonly state: string;
  readonly url: string | null;
  readonly expiresAt: string | null;
  readonly sizeBytes: number | null;
}

/** Somebody who can sign what is critical. */
export interface Owner extends Person {
  readonly key: DeviceKey;
  readonly session: SignedIn;
  /** A query or a mutation, signed. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers by the shape of their own query
  ask(document: string, variables?: object): Promise<any>;
}

const SESSION = 'query Session { viewer { sessions { id current } user { id handle } } }';

async function ownerOf(app: TestApp, session: SignedIn, key: DeviceKey): Promise<Owner> {
  const ask = async (document: string, variables: object = {}) => {
    const { accessToken, tokenType } = session;
    const claims = signedOver(accessToken, document, variables);
    const dpop = await makeProof(key, `${app.url}/graphql`, 'POST', { claims });
    const answer = await post(app, document, variables, { authorization: `${tokenType} ${accessToken}`, dpop });
    if (answer.errors) throw new Error(`unexpected errors: ${JSON.stringify(answer.errors)}`);
    return answer.data;
  };
  const { user } = (await ask(SESSION)).viewer;
  const { rows } = await app.sql.query('SELECT id FROM users WHERE handle = $1', [user.handle]);
  return { ...user, uuid: rows[0].id, token: session.accessToken, key, session, ask };
}

/** A new account, signed in by a key. */
export async function newOwner(app: TestApp, handle: string): Promise<Owner> {
  const key = await makeKey();
  return ownerOf(app, await signUp(app, handle, key), key);
}

/** The same account, signed in once more by another key. */
export async function signInAgain(app: TestApp, { handle }: Owner): Promise<Owner> {
  const key = await makeKey();
  return ownerOf(app, await signIn(app, handle, key), key);
}

/** Asks for a copy. */
export async function request(owner: Owner, input: object = {}) {
  return (await owner.ask(REQUEST, { input })).requestDataExport;
}

/** An export as its owner sees it. */
export async function read(owner: Owner, id: string): Promise<DataExport | null> {
  return (await owner.ask(READ, { id })).node;
}

/** Asks for a copy and waits until it is there, or given up. */
export async function make(app: TestApp, owner: Owner): Promise<DataExport> {
  const { userErrors, dataExport } = await request(owner);
  if (userErrors.length > 0) throw new Error(`refused: ${JSON.stringify(userErrors)}`);
  await app.jobsDone();
  return (await read(owner, dataExport.id)) as DataExport;
}

/** Where a link leads in this test. */
export function here(app: TestApp, url: string | null): string {
  return (url ?? '').replace('http://localhost', app.url);
}

/** What a link is answered with, the answer read to its end. */
export async function statusOf(link: string, method = 'GET'): Promise<number> {
  const response = await fetch(link, { method });
  await response.arrayBuffer();
  return response.status;
}

export type Row = Readonly<Record<string, unknown>>;

/** The lines of each file of an archive, by the file's name without ending. */
export function readArchive(archive: Buffer): { rows(name: string): Row[]; text: string; names: string[] } {
  const files = unzip(archive);
  const lines = (name: string) => files.get(`${name}.ndjson`)?.split('\n').slice(0, -1) ?? [];
  return {
    rows: (name) => lines(name).map((line) => JSON.parse(line)),
    text: [...files.values()].join('\n'),
    names: [...files.keys()],
  };
}

/** Makes a copy, fetches it and opens it. */
export async function makeAndRead(app: TestApp, owner: Owner) {
  return fetchCopy(app, await make(app, owner));
}

/** Fetches a copy and opens it. */
export async function fetchCopy(app: TestApp, made: DataExport | null) {
  const response = await fetch(here(app, made?.url ?? null));
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return readArchive(Buffer.from(await response.arrayBuffer()));
}
