import { readFileSync } from 'node:fs';

const swc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));

/** Specs run from the TypeScript sources as ES modules; `source` is the condition that #libs/* and #hardware-adapters/* resolve by. */
const shared = {
  testEnvironment: 'node',
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, sourceMaps: 'inline' }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.boxtrail/', '<rootDir>/test/bench/node_modules/'],
};

export default {
  // Hooks start databases and processes: on a busy machine that takes longer than Jest's five seconds.
  // Longer than any wait of a spec, so that the wait says what was missing.
  testTimeout: 300_000,
  // Each concurrent test has a whole house of processes.
  maxConcurrency: 3,
  testSequencer: '<rootDir>/test/support/longest-first.mjs',
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{apps,libs,hardware-adapters,fixtures}/**/*.spec.ts'] },
    { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/test/{e2e,chaos}/**/*.e2e-spec.ts'] },
  ],
};
