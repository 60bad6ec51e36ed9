import { execute, type GraphQLSchema, parse } from 'graphql';
import { getMetadataStorage } from 'type-graphql';
import { nobody } from '../src/graphql/caller';
import { RequestContext } from '../src/graphql/context';
import { Unauthenticated } from '../src/kernel/errors';
import {
  environmentIsReadInOnePlace,
  filesAreShort,
  layersImportDownwards,
  modulesMeetAtFacesOfEarlierOnes,
  modulesTakeTimeAndChance,
  noImportCircles,
  nothingIsLeftForLater,
  onlyRepositoriesTouchEntities,
  onlyRepositoriesWriteSql,
  onlyTheProcessPrints,
  type Rule,
  unguardedMutations,
} from './support/architecture';
import { validArguments } from './support/bad-input';
import { composeSchema, NO_DATABASE } from './support/bare-schema';
import { parseSources, readSourceTree } from './support/source-tree';

/** Mutations for people who have not signed in. */
const PUBLIC_MUTATIONS = [
  ...['beginPasskeySignIn', 'beginPasskeySignUp', 'finishPasskeySignIn', 'finishPasskeySignUp'],
  ...['requestPasswordReset', 'resetPassword', 'signIn', 'signInWithIdToken', 'signUp', 'verifyEmail'],
];

/** Each rule with sources that break it: path to text. */
const RULES: readonly (readonly [string, Rule, Readonly<Record<string, string>>])[] = [
  [
    'let each folder import the ones below it only',
    layersImportDownwards,
    {
      'src/kernel/a.ts': `import type { B } from '../platform/b';`,
      'src/kernel/f.ts': `import { readFileSync } from 'node:fs';`,
      'src/platform/b.ts': `export { GraphQLError } from 'graphql';`,
      'src/platform/d.ts': `type P = import('../modules/posts').P;`,
      'src/graphql/c.ts': `const posts = await import('../modules/posts');`,
      'src/modules/posts/e.ts': `import { loadConfig } from '../../config';`,
      'src/world/f.ts': `import x = require('../app');`,
      'src/config.ts': `import './kernel/a';`,
      'src/app.ts': `import { serve } from './commands/serve';`,
      'src/commands/serve.ts': `import '../main';`,
      'src/helpers/g.ts': `export {};`,
      'src/clients/h.ts': `import { decodeCursor } from '../kernel/cursor';`,
      'src/clients/i.ts': `import { Pool } from 'pg';`,
      'src/graphql/j.ts': `import { resumable } from '../clients/graphql-ws-resume';`,
      'migrations/20260101000000-a.ts': `import { userColumns } from '../src/modules/accounts';`,
    },
  ],
  [
    "let a module see earlier modules' index.ts only",
    modulesMeetAtFacesOfEarlierOnes,
    {
      'src/modules/accounts/a.ts': `import type { PostRow } from '../posts';`,
      'src/modules/posts/b.ts': `import { insert } from '../accounts/user.repository';`,
      'src/modules/extras/c.ts': `export {};`,
    },
  ],
  ['have no import circles', noImportCircles, { 'src/kernel/a.ts': `import './b';` }],
  [
    'read the environment in config.ts and main.ts only',
    environmentIsReadInOnePlace,
    {
      'src/graphql/a.ts': `const port = process.env.PORT;`,
      'src/graphql/b.ts': `const { env } = process;`,
      'src/graphql/c.ts': `const port = globalThis.process['env'].PORT;`,
      'src/graphql/d.ts': `import { env } from 'node:process';`,
    },
  ],
  [
    'take time and chance from outside in modules',
    modulesTakeTimeAndChance,
    {
      'src/modules/posts/a.ts': `const now = new Date();`,
      'src/modules/posts/b.ts': `const now = Date.now();`,
      'src/modules/posts/c.ts': `const luck = Math.random();`,
    },
  ],
  [
    'print from main.ts and build scripts only',
    onlyTheProcessPrints,
    { 'src/graphql/a.ts': `console.log('here');`, 'src/modules/posts/b.ts': `console['error']('here');` },
  ],
  ['have short files', filesAreShort, { 'test/long.test.ts': '\n'.repeat(301) }],
  [
    'import entity classes in repositories only',
    onlyRepositoriesTouchEntities,
    { 'src/modules/posts/post.service.ts': `import { PostEntity } from './post.entity';` },
  ],
  [
    'write SQL in repositories only',
    onlyRepositoriesWriteSql,
    { 'src/modules/posts/post.resolver.ts': `import { sql } from '../../platform/postgres/sql';` },
  ],
  ['leave nothing for later', nothingIsLeftForLater, { 'src/kernel/a.ts': `// ${'TO'}DO: soon` }],
];

/** Sources that look like a violation and are none. */
const INNOCENT = {
  'src/kernel/b.ts': `export * from './c'; export const b = "process.env.PORT, console.log, new Date()";`,
  'src/kernel/c.ts': `import './a'; import type { D } from './d'; export type C = D;`,
  'src/kernel/d.ts': `import type { C } from './c'; export type D = C; // Date.now()`,
  'src/platform/e.ts': `spawn('ps', { env: { ...process.env, LC_ALL: 'C' } });`,
  'src/platform/postgres/sql.ts': `export { Query as sql } from 'pg';`,
  'src/clients/retry.ts': `import { parse } from 'graphql'; import { ApolloLink } from '@apollo/client'; import './wait';`,
  'src/clients/wait.ts': `export const wait = Math.random() * 1_000;`,
  'src/graphql/build.ts': `build({ define: { 'process.env.NODE_ENV': '"production"' } }); console.log('built');`,
  'src/modules/accounts/index.ts': `export { userColumns } from './user.repository';`,
  'src/modules/accounts/user.repository.ts': `import { sql } from '../../platform/postgres/sql';`,
  'src/modules/posts/index.ts': `import { PostEntity } from './post.entity'; import type { UserRow } from '../accounts';`,
  'src/modules/posts/post.entity.ts': `import { Entity } from 'typeorm';`,
  'src/modules/posts/post.reader.ts': `import type { PostRow } from './post.entity'; const at = new Date(0);`,
  'src/modules/posts/long.ts': '\n'.repeat(300),
};

describe('the sources', () => {
  const tree = readSourceTree(['src', 'migrations', 'test']);

  it.each(RULES)('%s', (_sentence, rule) => {
    expect(rule(tree)).toEqual([]);
  });

  it.each(RULES)('are refused when they do not: %s', (_sentence, rule, planted) => {
    const found = rule(parseSources(new Map(Object.entries({ ...planted, ...INNOCENT }))));
    expect(found.map((finding) => finding.split(' ')[0])).toEqual(Object.keys(planted));
    for (const finding of found) expect(finding).toMatch(/^\S+ .+: .+/);
  });

  it.each(RULES)('are not refused for what only looks like it: %s', (_sentence, rule) => {
    expect(rule(parseSources(new Map(Object.entries(INNOCENT))))).toEqual([]);
  });
});

describe('mutations', () => {
  let schema: GraphQLSchema;

  beforeAll(async () => {
    schema = await composeSchema();
  });

  it('carry @Authorized, or stand on the list of public ones', () => {
    // The storage holds a mutation again for every schema that has been built.
    const stored = getMetadataStorage().mutations.map(({ schemaName: name, roles }) => ({ name, authorized: !!roles }));
    const mutations = mutationNames(schema).map((name) => {
      const same = stored.filter((each) => each.name === name);
      return { name, authorized: same.length > 0 && same.every(({ authorized }) => authorized) };
    });
    expect(unguardedMutations(mutations, PUBLIC_MUTATIONS)).toEqual([]);
  });

  it('are found when they do neither', () => {
    const mutations = [
      { name: 'signUp', authorized: false },
      { name: 'dropEverything', authorized: false },
    ];
    expect(unguardedMutations(mutations, ['signIn', 'signUp'])).toEqual([
      expect.stringContaining('dropEverything is open to everybody: put @Authorized()'),
      expect.stringContaining('signIn is no mutation'),
    ]);
  });

  it('refuse an anonymous request before they touch the database, unless they are public', async () => {
    const answers = await Promise.all(
      mutationNames(schema).map(async (name) => [name, await refusesAnonymous(schema, name)] as const),
    );
    expect(answers.filter(([, refused]) => !refused).map(([name]) => name)).toEqual(PUBLIC_MUTATIONS);
  });
});

function mutationNames(schema: GraphQLSchema): string[] {
  return Object.keys(schema.getMutationType()?.getFields() ?? {}).sort();
}

async function refusesAnonymous(schema: GraphQLSchema, name: string): Promise<boolean> {
  const field = schema.getMutationType()?.getFields()[name];
  if (!field) throw new Error(`no mutation ${name}`);
  const result = await execute({
    schema,
    document: parse(`mutation { ${name}${validArguments(field, 'Mutation')} { clientMutationId } }`),
    contextValue: new RequestContext(NO_DATABASE, nobody('request')),
  });
  return result.errors?.[0]?.originalError instanceof Unauthenticated;
}
