import type { Reporter, SerializedError, TestModule, TestSuite } from 'vitest/node'
import { missingPrograms } from './binaries.ts'

interface Counts {
  passed: number
  failed: number
  skipped: number
}

/**
 * Prints what was left out for want of a program and, as the very last line of the process,
 * `N passed, N failed, N skipped`. Whatever is not a test but made the run fail counts as failed:
 * a file that does not load, a hook, an unhandled rejection, a setup that threw.
 */
export class SummaryReporter implements Reporter {
  #counts: Counts = { passed: 0, failed: 0, skipped: 0 }

  onInit(): void {
    process.once('exit', (code) => this.#print(code))
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    this.#counts = { passed: 0, failed: unhandled.length, skipped: 0 }
    for (const module of modules) countModule(this.#counts, module)
  }

  #print(code: number): void {
    const { passed, failed, skipped } = this.#counts
    const honest = code !== 0 && failed === 0 ? 1 : failed
    const notRun = missingPrograms().map(
      (program) => `Not run: tests that need ${program.name} (${program.hint}).`,
    )
    const last = `${passed} passed, ${honest} failed, ${skipped} skipped`
    process.stdout.write(`${[...notRun, last].join('\n')}\n`)
  }
}

function countModule(counts: Counts, module: TestModule): void {
  counts.failed += module.errors().length
  for (const suite of module.children.allSuites()) counts.failed += hookFailures(suite)
  for (const test of module.children.allTests()) {
    const { state } = test.result()
    counts[state === 'pending' ? 'failed' : state] += 1
  }
}

function hookFailures(suite: TestSuite): number {
  return suite.errors().length
}
