import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { requireNode } from './test/services/node-version.ts'
import { SummaryReporter } from './test/services/summary-reporter.ts'

requireNode()

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^holdfast$/, replacement: at('./src/index.ts') },
      { find: /^holdfast\/express$/, replacement: at('./src/adapters/express/index.ts') },
      { find: /^holdfast\/node$/, replacement: at('./src/adapters/node/index.ts') },
      { find: /^holdfast\/testing$/, replacement: at('./src/testing/index.ts') },
    ],
  },
  test: {
    include: ['{src,cli,server,examples,bench,test,scripts}/**/*.test.ts'],
    globalSetup: './test/services/setup.ts',
    reporters: ['default', new SummaryReporter()],
    pool: 'forks',
    maxWorkers: 2,
    // Generous: two cores may be shared with servers, a browser and another run.
    testTimeout: 30_000,
    hookTimeout: 90_000,
  },
})
