import path from 'node:path';
import type { SourceFile, Use } from './source-tree';

/** Finds what breaks one rule of DESIGN §2 or §8; each finding says what to do instead. */
export type Rule = (files: readonly SourceFile[]) => string[];

/** The modules stand in a line: each may know the faces of those before it. */
const MODULES_IN_ORDER = [
  ...[
    'visibility',
    'audit',
    'accounts',
    'auth',
    'passwords',
    'oauth',
    'devices',
    'issuers',
    'passkeys',
    'relationships',
    'posts',
    'comments',
    'reactions',
    'feed',
    'messaging',
    'privacy',
  ],
  'sync',
];

const LINES_MAX = 300;
/** Written in two parts, so that the rule does not find itself. */
const LEFT_FOR_LATER = new RegExp(`\\b(${['TO', 'FIX'].map((each, i) => each + ['DO', 'ME'][i]).join('|')})\\b`);
/** What an app that copies src/clients has anyway. */
const NO_CLIENT_PACKAGE = /^(?!(graphql|graphql-ws|@apollo\/client|@urql\/core|rxjs|wonka)(\/|$))/;
const GRAPHQL_PACKAGE = /^(graphql|type-graphql|graphql-(ws|sse|scalars)|@apollo\/.*)$/;

interface Layer {
  readonly mayImport: readonly string[];
  readonly instead: string;
  readonly forbiddenPackage?: RegExp;
}

/** A layer is a folder of `src`, or a file that stands in `src` itself. */
const LAYERS: Readonly<Record<string, Layer>> = {
  kernel: {
    mayImport: ['kernel'],
    instead: 'the kernel is pure vocabulary: move what needs a store, a protocol or another folder of ours out of it',
    forbiddenPackage: /^(typeorm|pg|ioredis|fastify|node:(?!crypto$).*)$|graphql|@apollo/,
  },
  platform: {
    mayImport: ['kernel', 'platform'],
    instead: 'technology knows no domain word: take what is needed as a parameter or an interface of its own',
    forbiddenPackage: GRAPHQL_PACKAGE,
  },
  graphql: {
    mayImport: ['kernel', 'platform', 'graphql'],
    instead: 'let the module register itself (node kinds, resolvers, subscription sources) and app.ts hand it over',
  },
  modules: {
    mayImport: ['kernel', 'platform', 'graphql', 'modules'],
    instead: 'take it as a parameter of create<Module>; app.ts passes it in',
  },
  world: {
    mayImport: ['kernel', 'world'],
    instead: 'the world writes rows by itself: take what is needed as an option, as with passwordHash',
  },
  'config-kinds': {
    mayImport: [],
    instead: 'it says how values are written in the environment, and knows nothing else',
  },
  'config-variables': {
    mayImport: ['config-kinds'],
    instead: 'it says which environment variables there are, and knows nothing else',
  },
  config: {
    mayImport: ['config-variables'],
    instead: 'config.ts stands alone: it turns the environment into values and nothing else',
  },
  composition: {
    mayImport: ['kernel', 'platform', 'graphql', 'modules', 'config'],
    instead: 'composition.ts builds the modules and starts nothing; what runs is app.ts',
  },
  app: {
    mayImport: ['kernel', 'platform', 'graphql', 'modules', 'config', 'composition'],
    instead: 'app.ts starts the service; what a person asks for at a terminal belongs in src/commands',
  },
  commands: {
    mayImport: ['kernel', 'platform', 'graphql', 'modules', 'world', 'config', 'composition', 'app', 'commands'],
    instead: 'commands are called by main.ts, never the other way round',
  },
  main: {
    mayImport: ['kernel', 'platform', 'graphql', 'modules', 'world', 'config', 'composition', 'app', 'commands'],
    instead: 'import one of the folders of DESIGN §2',
  },
  clients: {
    mayImport: ['clients'],
    instead: 'apps copy this folder: it stands on the client libraries alone, and no part of the service imports it',
    forbiddenPackage: NO_CLIENT_PACKAGE,
  },
  migrations: {
    mayImport: [],
    instead: 'a migration is SQL that stays as it was when it ran: write the statement out in it',
  },
};

export const layersImportDownwards: Rule = (files) =>
  findings(files, isOurs, (file) => {
    const layer = LAYERS[layerOf(file.path)];
    if (!layer) return [`there is no such layer: put it into a folder of DESIGN §2, or add a row to that table`];
    const folders = file.imports
      .filter(({ target }) => target !== null && !layer.mayImport.includes(layerOf(target)))
      .map(({ target }) => `imports ${target}: ${layer.instead}`);
    const packages = file.imports
      .filter(({ specifier, target }) => target === null && layer.forbiddenPackage?.test(specifier))
      .map(({ specifier }) => `imports ${specifier}: ${layer.instead}`);
    return [...folders, ...packages];
  });

export const modulesMeetAtFacesOfEarlierOnes: Rule = (files) =>
  findings(files, inModules, (file) => {
    const own = moduleOf(file.path);
    if (!MODULES_IN_ORDER.includes(own)) {
      return [`is of a module without a place: give ${own} one in the line of modules (MODULES_IN_ORDER, DESIGN §2)`];
    }
    return file.imports.flatMap(({ target }) => {
      const other = target?.startsWith('src/modules/') ? moduleOf(target) : own;
      if (other === own) return [];
      if (MODULES_IN_ORDER.indexOf(other) > MODULES_IN_ORDER.indexOf(own)) {
        return [
          `imports the later module ${other}: let ${other} extend the type, or answer to a job or the change log`,
        ];
      }
      if (target === `src/modules/${other}/index.ts`) return [];
      return [
        `imports ${target}: import src/modules/${other} (its index.ts); if it is not there, ask whether it should`,
      ];
    });
  });

export const noImportCircles: Rule = (files) => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (file: SourceFile, way: readonly string[]): void => {
    const begin = way.indexOf(file.path);
    if (begin >= 0) {
      const circle = [...way.slice(begin), file.path].join(' -> ');
      found.push(`${circle}: merge the files, or move what all of them need into one that imports none of them`);
      return;
    }
    if (done.has(file.path)) return;
    for (const { target, atRuntime } of file.imports) {
      const next = atRuntime && target !== null ? byPath.get(target) : undefined;
      if (next) walk(next, [...way, file.path]);
    }
    done.add(file.path);
  };
  for (const file of files) walk(file, []);
  return found;
};

export const environmentIsReadInOnePlace = mayUse(
  ['process.env'],
  (file) => isOurs(file) && !['src/config.ts', 'src/main.ts'].includes(file.path),
  'declare the variable in VARIABLES of src/config-variables.ts and take its value as a parameter',
);

export const modulesTakeTimeAndChance = mayUse(
  ['new Date()', 'Date.now()', 'Math.random()'],
  inModules,
  'take a Clock, newId or another source of chance as a parameter, so that tests can hold it still',
);

export const onlyTheProcessPrints = mayUse(
  ['console'],
  (file) => isOurs(file) && file.path !== 'src/main.ts' && !file.path.endsWith('/build.ts'),
  'log an event with fields through platform/telemetry/log, or return the text to main.ts',
);

export const filesAreShort: Rule = (files) =>
  findings(
    files,
    () => true,
    ({ text }) => {
      const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
      return lines > LINES_MAX
        ? [`has ${lines} lines: move one of its duties to a file of its own (${LINES_MAX} at most)`]
        : [];
    },
  );

export const onlyRepositoriesTouchEntities: Rule = (files) =>
  findings(
    files,
    (file) => inModules(file) && !/(\.repository|\/index)\.ts$/.test(file.path),
    (file) =>
      file.imports
        .filter(({ target, atRuntime }) => atRuntime && target?.endsWith('.entity.ts'))
        .map(({ target }) => `imports ${target}: write the SQL in the repository; import the row as a type`),
  );

export const onlyRepositoriesWriteSql: Rule = (files) =>
  findings(
    files,
    (file) => inModules(file) && !/\.repository\.ts$|^src\/modules\/visibility\/index\.ts$/.test(file.path),
    (file) =>
      file.imports
        .filter(
          ({ target, atRuntime }) => atRuntime && /^src\/platform\/postgres\/(sql|statement)\.ts$/.test(target ?? ''),
        )
        .map(() => 'writes SQL: give the repository a function that says what is read or changed'),
  );

export const nothingIsLeftForLater: Rule = (files) =>
  findings(
    files,
    () => true,
    ({ text }) => {
      const [mark] = LEFT_FOR_LATER.exec(text) ?? [];
      return mark ? [`holds a ${mark}: do it now, or open an issue and take the note out`] : [];
    },
  );

/** Mutations that neither demand a sign-in nor stand on the public list, and public names that are no mutations. */
export function unguardedMutations(
  mutations: readonly { readonly name: string; readonly authorized: boolean }[],
  publicNames: readonly string[],
): string[] {
  const names = new Set(mutations.map(({ name }) => name));
  return [
    ...mutations
      .filter(({ name, authorized }) => !authorized && !publicNames.includes(name))
      .map(({ name }) => `${name} is open to everybody: put @Authorized() above it, or add it to PUBLIC_MUTATIONS`),
    ...publicNames.filter((name) => !names.has(name)).map((name) => `${name} is no mutation: take it off the list`),
  ];
}

function mayUse(uses: readonly Use[], applies: (file: SourceFile) => boolean, instead: string): Rule {
  return (files) =>
    findings(files, applies, (file) =>
      uses.filter((use) => file.uses.has(use)).map((use) => `uses ${use}: ${instead}`),
    );
}

function findings(
  files: readonly SourceFile[],
  applies: (file: SourceFile) => boolean,
  look: (file: SourceFile) => readonly string[],
): string[] {
  return files.filter(applies).flatMap((file) => look(file).map((finding) => `${file.path} ${finding}`));
}

function isOurs({ path: file }: SourceFile): boolean {
  return file.startsWith('src/') || file.startsWith('migrations/');
}

function inModules(file: SourceFile): boolean {
  return file.path.startsWith('src/modules/');
}

function moduleOf(file: string): string {
  return file.split('/')[2] ?? '';
}

function layerOf(file: string): string {
  const [root = '', second = ''] = file.split('/');
  return root === 'src' ? path.basename(second, '.ts') : root;
}
