import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'rules', include: ['rules/**/*.test.ts', 'web/**/*.test.ts', 'capabilities/**/*.rule.test.ts'] } },
      {
        test: {
          name: 'rooms',
          include: ['capabilities/**/*.test.ts', 'server/**/*.test.ts', 'tools/**/*.test.ts', 'tests/guards/**/*.test.ts', 'tests/bad-luck/**/*.test.ts', 'tests/upgrade/**/*.test.ts'],
          exclude: ['**/*.rule.test.ts'],
          globalSetup: ['tests/postgres.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'journeys',
          include: ['tests/journeys/**/*.test.ts'],
          globalSetup: ['tests/postgres.ts'],
          testTimeout: 180_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
