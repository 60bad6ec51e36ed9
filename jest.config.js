/** What takes long and seldom breaks by itself: `npm run test:long` runs it, as `.ci/run` does. */
const LONG_RUN = [
  'query-plans',
  'fuzz/(documents|worst-document)',
  'modules/(bad-input|paging|paging-under-writes|sign-in-timing)',
  'modules/(relationships-at-once|change-log-order|comment-added-processes|key-rotation)',
  'modules/(post-engagement|messaging-typing)',
  'graphql/(slow-readers|playground|public-answers-processes)',
  'platform/(embedded-postgres|embedded-postgres-ownership|redis-doorbell|job-lease|entity-cache-faults)',
  '(clients/exactly-once|conformance/persisted-clients|hostile/(origins|documents|guards)|shutdown|process|migrations)',
  'pipeline/(budget-shared|overload)',
  'world/(generate|load)',
];

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  runtime: '<rootDir>/test/support/shared-code-runtime.js',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: process.env.LONG_RUN ? [] : LONG_RUN.map((path) => `/test/${path}\\.test\\.ts$`),
  // require(esm) does not exist inside jest, so these ESM-only packages are compiled like our own code.
  transform: { '^.+\\.[cm]?[jt]s$': '@swc/jest' },
  transformIgnorePatterns: ['/node_modules/(?!(jose|oauth4webapi|uuidv7|graphql-ws|eventsource|eventsource-parser)/)'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  maxWorkers: 2,
  testTimeout: 30_000,
};
