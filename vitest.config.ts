import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts', 'test-e2e/src/**/*.test.ts'],
    // Two cores are the small machine that the suite is measured on.
    maxWorkers: 2,
    // A limit for what hangs, not a measure: machines may be busy.
    testTimeout: 60_000,
    // An unmet expectation must not hide behind a test that asserts nothing.
    expect: { requireAssertions: true, poll: { timeout: 10_000 } },
  },
});
