import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError, loadConfig, VARIABLES } from '../src/config';
import { PROJECT_ROOT } from './support/source-tree';

const SIGNING_KEY = pem('P-256');

/** What production cannot do without. */
const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://api.example.com',
  DATABASE_URL: 'postgres://user:password@db.example.com:5432/portico',
  REDIS_URL: 'redis://redis.example.com:6379',
  SECRET_KEY: 'x'.repeat(32),
  TOKEN_SIGNING_KEY: SIGNING_KEY,
  MAIL_URL: 'smtp://mail.example.com',
};

/** For each variable that has wrong values, some of them. What they share stands in no message of ours. */
const CANARY = 'canary';
const WRONG: Readonly<Record<string, readonly string[]>> = {
  NODE_ENV: [CANARY, 'Production'],
  PUBLIC_URL: [CANARY, `ftp://${CANARY}.example.com`],
  DATABASE_URL: [CANARY, `mysql://user:${CANARY}@db/portico`, `postgres://user:${CANARY}@db:port/x`],
  DATABASE_DIRECT_URL: [CANARY, `http://user:${CANARY}@db/portico`],
  REDIS_URL: [CANARY, `http://:${CANARY}@redis`],
  SECRET_KEY: [CANARY, CANARY.padEnd(31, '!')],
  TOKEN_SIGNING_KEY: [CANARY, `-----BEGIN PRIVATE KEY-----\\n${CANARY}\\n-----END PRIVATE KEY-----`, pem('P-384')],
  MAIL_URL: [CANARY, `https://user:${CANARY}@mail`],
  MAIL_FROM: [CANARY, `${CANARY}@`, `a@${CANARY}\nBcc: b@example.com`],
  APP_LINK_URL: [CANARY, `app://${CANARY}`],
  PASSKEY_RP_ID: [CANARY, `https://${CANARY}`, `${CANARY}.example.com:443`, `-.${CANARY.toUpperCase()}`],
  PASSKEY_ORIGINS: [CANARY, `https://${CANARY}.example.com/`, `https://example.com,${CANARY}`, `android:${CANARY}`],
  APPLE_APPS: [CANARY, `${CANARY}.com.example.app`, `TEAMID1234 ${CANARY}`],
  ANDROID_APPS: [CANARY, `${CANARY}=AB:CD`, `com.${CANARY}=${'AB:'.repeat(32)}`],
  TOKEN_VERIFICATION_KEYS: [
    CANARY,
    pem('P-384'),
    `${SIGNING_KEY}${CANARY}`,
    `${CANARY}\n${SIGNING_KEY}`,
    `-----BEGIN PUBLIC KEY-----\\n${CANARY}\\n-----END PUBLIC KEY-----`,
  ],
  INTROSPECTION: [CANARY, 'true', '1'],
  DOCUMENT_POLICY: [CANARY, 'closed'],
  PLAYGROUND: [CANARY, 'yes', 'ON'],
  COMPILED_EXECUTION: [CANARY, 'jit'],
  LOG_LEVEL: [CANARY, 'verbose'],
  LOG_FORMAT: [CANARY, 'text'],
};
const WRONG_NUMBERS = [CANARY, '-1', '1.5', '99999999999', 'NaN', 'Infinity', '12 apples'];
/** Any text is a value of these. */
const FREE_TEXT = [
  ...['HOST', 'DATA_DIR', 'CORS_ORIGINS', 'DOCUMENT_MANIFESTS', 'OAUTH_CLIENTS', 'OIDC_ISSUERS'],
  'PASSKEY_RP_NAME',
];

/** How the README marks what production needs. */
const REQUIRED = / \(\*required there\*\)$/;

const NAMES = Object.keys(VARIABLES) as (keyof typeof VARIABLES)[];
const DEFAULTS = new Map(NAMES.map((name) => [name, defaultOf(name)]));

describe('the configuration', () => {
  it('needs nothing in development', () => {
    expect(loadConfig({})).toMatchObject({
      production: false,
      dataDir: '.portico',
      http: { host: '127.0.0.1', port: 4000, publicUrl: null, bodyMaxBytes: 128 * 1024 },
      database: { url: null, directUrl: null, poolMax: 10 },
      redis: { url: null },
      auth: { secretKey: null, signingKeyPem: null, accessTokenSeconds: 600, refreshTokenDays: 60 },
      graphql: { introspection: true, playground: true },
      log: { level: 'info', format: null },
    });
  });

  it('is closed to the outside by default in production, and open on every address', () => {
    expect(loadConfig(PRODUCTION)).toMatchObject({
      production: true,
      http: { host: '0.0.0.0', publicUrl: 'https://api.example.com' },
      database: { url: PRODUCTION.DATABASE_URL, directUrl: PRODUCTION.DATABASE_URL },
      graphql: { introspection: false, playground: false },
      log: { format: 'json' },
    });
  });

  it('takes what is set over what is usual', () => {
    const config = loadConfig({ ...PRODUCTION, HOST: '::1', PORT: '0', INTROSPECTION: 'on', PLAYGROUND: 'on' });
    expect(config).toMatchObject({
      http: { host: '::1', port: 0 },
      graphql: { introspection: true, playground: true },
    });
    expect(loadConfig({ INTROSPECTION: 'off' }).graphql).toMatchObject({ introspection: false, playground: true });
  });

  it('takes the line breaks of a key as \\n too, which is how one line of a file holds it', () => {
    const { auth } = loadConfig({ TOKEN_SIGNING_KEY: SIGNING_KEY.replaceAll('\n', '\\n') });
    expect(auth.signingKeyPem).toBe(SIGNING_KEY);
  });

  it('takes keys of tokens one after the other, public or private, with line breaks as \\n too', () => {
    const next = createPublicKey(pem('P-256')).export({ type: 'spki', format: 'pem' }).toString();
    const { auth } = loadConfig({ TOKEN_VERIFICATION_KEYS: `${SIGNING_KEY}${next.replaceAll('\n', '\\n')}` });
    expect(auth.verificationPems).toEqual([SIGNING_KEY.trim(), next.trim()]);
  });

  it('counts an empty variable as absent', () => {
    const empty = Object.fromEntries(NAMES.map((name) => [name, '']));
    expect(loadConfig(empty)).toEqual(loadConfig({}));
  });

  it('cannot be changed once it is loaded', () => {
    expect(Object.isFrozen(loadConfig({}))).toBe(true);
  });

  it.each(NAMES.filter((name) => !FREE_TEXT.includes(name)))(
    'refuses wrong values of %s and says what is right',
    (name) => {
      for (const value of WRONG[name] ?? WRONG_NUMBERS) {
        expect({ value, faults: faultsOf({ [name]: value }) }).toEqual({
          value,
          faults: [`${name} has a value that cannot be used. Set it to: ${VARIABLES[name].help}.`],
        });
      }
    },
  );

  it('tells all faults at once, each with its remedy', () => {
    const names = NAMES.filter((name) => !FREE_TEXT.includes(name));
    const faults = faultsOf(Object.fromEntries(names.map((name) => [name, CANARY])));
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(names);
    for (const [index, fault] of faults.entries()) expect(fault).toContain(VARIABLES[names[index] ?? 'PORT'].help);
  });

  it('repeats no value in a message, for it may be a secret', () => {
    for (const name of NAMES) {
      for (const value of [...(WRONG[name] ?? []), CANARY]) {
        const told = JSON.stringify(faultsOf({ ...PRODUCTION, [name]: value, PORT: CANARY }));
        expect(told).not.toContain(CANARY);
        expect(told).not.toContain('PRIVATE KEY-----');
      }
    }
  });

  it.each(['PUBLIC_URL', 'DATABASE_URL', 'REDIS_URL', 'SECRET_KEY', 'TOKEN_SIGNING_KEY', 'MAIL_URL'] as const)(
    'is refused in production without %s',
    (name) => {
      for (const absent of [undefined, '']) {
        const [fault, ...others] = faultsOf({ ...PRODUCTION, [name]: absent });
        expect(fault).toBe(`${name} is missing; production needs it. Set it to: ${VARIABLES[name].help}.`);
        expect(others).toEqual([]);
      }
    },
  );

  it.each([
    ['any budget holds', { DOCUMENT_COST_MAX: '101', BUDGET_CAPACITY: '100' }, 25, 'could not run ever'],
    ['a process grants without Redis', { DOCUMENT_COST_MAX: '5001' }, 5_000, 'could not run while Redis is away'],
    [
      'it grants in full',
      { DOCUMENT_COST_MAX: '101', BUDGET_CAPACITY: '100', BUDGET_LOCAL_PERCENT: '100' },
      100,
      'ever',
    ],
  ])('lets no document cost more than %s', (_what, env, most, when) => {
    const [other, fault, ...more] = faultsOf({ ...env, PORT: CANARY });
    expect(other).toMatch(/^PORT /);
    expect(fault).toContain(`DOCUMENT_COST_MAX of ${env.DOCUMENT_COST_MAX} is more than`);
    expect(fault).toContain(`BUDGET_LOCAL_PERCENT of BUDGET_CAPACITY, which is ${most}: `);
    expect(fault).toContain(when);
    expect(fault).toContain('Lower it to that, or raise');
    expect(more).toEqual([]);
    expect(faultsOf({ ...env, DOCUMENT_COST_MAX: String(most) })).toEqual([]);
  });

  it('names everything that production lacks at once, wrong values among it', () => {
    const faults = faultsOf({ NODE_ENV: 'production', PORT: CANARY, SECRET_KEY: 'short' });
    expect(faults.map((fault) => fault.split(' ')[0]).sort()).toEqual(
      ['DATABASE_URL', 'MAIL_URL', 'PORT', 'PUBLIC_URL', 'REDIS_URL', 'SECRET_KEY', 'TOKEN_SIGNING_KEY'].sort(),
    );
  });
});

describe("the README's configuration table", () => {
  const rows = tableRows(readFileSync(path.join(PROJECT_ROOT, 'README.md'), 'utf8'));

  it('lists every variable with its default and what it sets, and no other', () => {
    const expected = NAMES.map((name) => [name, { shown: DEFAULTS.get(name) ?? '', help: VARIABLES[name].help }]);
    const listed = rows.map(({ name, shown, help }) => [name, { shown, help: help.replace(REQUIRED, '') }]);
    expect(listed).toEqual(expected);
  });

  it('marks what production needs', () => {
    const marked = rows.filter(({ help }) => REQUIRED.test(help)).map(({ name }) => name);
    expect(marked).toEqual(NAMES.filter((name) => VARIABLES[name].required));
  });
});

describe('a configuration table', () => {
  it('is the one with variables and defaults', () => {
    const table = ['| Variable | Default | What |', '|---|---|---|', '| `PORT` | `4000` | a \\| b |', '|`HOST`| | c |'];
    const text = ['| Code | Meaning | Again |', '|---|---|---|', '| `INTERNAL` | ours | no |', '', ...table, 'PORT'];
    expect(tableRows(text.join('\n'))).toEqual([
      { name: 'PORT', shown: '4000', help: 'a | b' },
      { name: 'HOST', shown: '', help: 'c' },
    ]);
  });
});

function faultsOf(env: Record<string, string | undefined>): readonly string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults;
  }
}

function defaultOf(name: keyof typeof VARIABLES): string | undefined {
  const value = VARIABLES[name].schema.safeParse(undefined).data;
  return value === undefined ? undefined : String(value);
}

interface Row {
  readonly name: string;
  /** The default; empty when there is none. */
  readonly shown: string;
  readonly help: string;
}

/** The rows "| `NAME` | `default` | help |" below the heading "| Variable | Default | … |" of a Markdown text. */
function tableRows(markdown: string): Row[] {
  const [table = ''] = /^\| *Variable *\| *Default *\|.*(\n\|.*)*/m.exec(markdown) ?? [];
  return [...table.matchAll(/^\|\s*`([A-Z][A-Z0-9_]*)`\s*\|([^|]*)\|(.*)\|\s*$/gm)].map(([, name, shown, help]) => ({
    name: name ?? '',
    shown: (shown ?? '').trim().replaceAll('`', ''),
    help: (help ?? '').trim().replaceAll('\\|', '|'),
  }));
}

function pem(namedCurve: string): string {
  return generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
