import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished, vi } from 'vitest'
import { commands } from '../../cli/commands.ts'
import { run } from '../../cli/run.ts'
import { fakeTerminal } from '../../test/fake-terminal.ts'
import { scratchDirectory } from '../retail/testdata/scratch.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

it('no route has changed without routes.json', async () => {
  vi.stubEnv('HOLDFAST_DATA_DIR', await scratchDirectory())
  vi.stubEnv('DATABASE_URL', '')
  onTestFinished(() => void vi.unstubAllEnvs())
  const terminal = fakeTerminal({ cwd: here })
  const code = await run(['routes', '--app', 'app.ts', '--diff', 'routes.json'], terminal, commands)
  expect(terminal.errors).toEqual([])
  expect([code, terminal.outputs.join('\n')]).toEqual([0, 'No route has changed.'])
})
