/** The import rules between folders; test/architecture.test.ts holds the finer ones. @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Two files that import each other are one file, or need a third that both import.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'kernel-is-pure',
      comment: 'The kernel is vocabulary: move what needs another folder of ours, a store or GraphQL out of it.',
      severity: 'error',
      from: { path: '^src/kernel' },
      to: { path: '^src/(?!kernel)|node_modules/(typeorm|graphql|type-graphql|ioredis|pg)/' },
    },
    {
      name: 'platform-knows-no-domain',
      comment: 'Technology knows no domain word and no GraphQL: hand what it needs in as a parameter.',
      severity: 'error',
      from: { path: '^src/platform' },
      to: { path: '^src/(graphql|modules|commands|world|app|composition|config)|node_modules/(graphql|type-graphql)/' },
    },
    {
      name: 'graphql-knows-no-module',
      comment: 'Let the module register itself (node kinds, resolvers, subscription sources) instead.',
      severity: 'error',
      from: { path: '^src/graphql' },
      to: { path: '^src/(modules|commands|world|app|composition|config)' },
    },
    {
      name: 'modules-meet-at-their-faces',
      comment: "Import the other module's index.ts; if what you need is not there, ask whether it should be.",
      severity: 'error',
      from: { path: '^src/modules/([^/]+)/' },
      to: { path: '^src/modules/([^/]+)/(?!index\\.ts$)', pathNot: '^src/modules/$1/' },
    },
    {
      name: 'clients-stand-alone',
      comment: 'Apps copy src/clients: it imports the client libraries and nothing of ours.',
      severity: 'error',
      from: { path: '^src/clients' },
      to: { path: '^(src/(?!clients)|migrations)' },
    },
    {
      name: 'clients-are-not-served',
      comment:
        'The build leaves src/clients out, and a service installed without devDependencies has not what it imports.',
      severity: 'error',
      from: { path: '^(src/(?!clients)|migrations)' },
      to: { path: '^src/clients' },
    },
    {
      name: 'app-is-the-root',
      comment: 'Only the commands and the tests start the application.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(commands/|main\\.ts)' },
      to: { path: '^src/(app|main)\\.ts$|^src/commands/' },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'playground/app/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
