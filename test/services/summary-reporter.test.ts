import { execFile } from 'node:child_process'
import { mkdtemp, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { testWorkspace } from './context.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

interface Finished {
  readonly lastLine: string
  readonly code: number | null
}

/** Runs vitest on `files` with the project's reporters, in a process of its own. */
async function runVitest(files: Readonly<Record<string, string>>): Promise<Finished> {
  const directory = await mkdtemp(join(testWorkspace(), 'summary-'))
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'))
  const reporter = JSON.stringify(join(root, 'test/services/summary-reporter.ts'))
  await writeFile(
    join(directory, 'vitest.config.ts'),
    `import { SummaryReporter } from ${reporter}
     const globalSetup = ${'setup.ts' in files ? "'./setup.ts'" : '[]'}
     export default { test: { globalSetup, reporters: ['default', new SummaryReporter()] } }`,
  )
  for (const [name, text] of Object.entries(files)) {
    const head = "import { afterAll, beforeAll, describe, expect, it } from 'vitest'\n"
    await writeFile(join(directory, name), name.endsWith('.test.ts') ? head + text : text)
  }
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [vitest, 'run', '--root', directory],
      (_error, stdout) => {
        resolve({ lastLine: stdout.trimEnd().split('\n').at(-1) ?? '', code: child.exitCode })
      },
    )
  })
}

it.each([
  [
    'a test that passes, fails or is left out',
    'it("a", () => {}); it("b", () => { expect(1).toBe(2) }); it.skip("c", () => {})',
    '1 passed, 1 failed, 1 skipped',
    1,
  ],
  [
    'a run where all is well',
    'it("a", () => {}); it("b", () => {})',
    '2 passed, 0 failed, 0 skipped',
    0,
  ],
  ['a file that does not load', 'throw new Error("no")', '0 passed, 1 failed, 0 skipped', 1],
  [
    'a promise that nobody handles',
    'it("a", () => { Promise.reject(new Error("no")) })',
    '1 passed, 1 failed, 0 skipped',
    1,
  ],
  [
    'a hook that fails',
    'describe("s", () => { afterAll(() => { throw new Error("no") }); it("a", () => {}) })',
    '1 passed, 1 failed, 0 skipped',
    1,
  ],
  [
    'a worker that dies',
    'it("a", () => { process.kill(process.pid, "SIGKILL"); for (;;) {} })',
    '0 passed, 2 failed, 0 skipped',
    1,
  ],
])('the last line counts %s', async (_title, text, lastLine, code) => {
  expect(await runVitest({ 'a.test.ts': text })).toEqual({ lastLine, code })
})

it('the last line says so when the setup fails and no test runs', async () => {
  const files = { 'a.test.ts': 'it("a", () => {})', 'setup.ts': 'throw new Error("no")' }
  expect(await runVitest(files)).toEqual({ lastLine: '0 passed, 1 failed, 0 skipped', code: 1 })
})

it('the last line stays the last one when the teardown fails', async () => {
  const setup = 'export default () => () => { throw new Error("no") }'
  const files = { 'a.test.ts': 'it("a", () => {})', 'setup.ts': setup }
  expect(await runVitest(files)).toEqual({ lastLine: '1 passed, 1 failed, 0 skipped', code: 1 })
})
