/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // On 200,000 posts, which take half a minute to make: a part of `npm run test:long`.
  testPathIgnorePatterns: process.env.LONG_RUN ? [] : ['/test/query-plans\\.test\\.ts$'],
  // require(esm) does not exist inside jest, so these ESM-only packages are compiled like our own code.
  transform: { '^.+\\.[cm]?[jt]s$': '@swc/jest' },
  transformIgnorePatterns: [
    '/node_modules/(?!(jose|uuidv7|sql-template-tag|graphql-ws|eventsource|eventsource-parser)/)',
  ],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  maxWorkers: 2,
  testTimeout: 30_000,
};
