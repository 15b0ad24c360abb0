import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'sandbox/**/*.test.ts', 'shared/**/*.test.ts', 'functions/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    // Only there to end what hangs: a scenario of 20 seconds takes two minutes where other work has most of the machine.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    maxWorkers: 2,
  },
});
