import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { freePort } from '../free-port.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const patience = { timeout: 90_000 }

interface Started {
  readonly npm: ChildProcess
  readonly isUp: () => Promise<boolean>
}

/** Starts a script of package.json by npm, without what is to be done before it. */
async function startByNpm(script: string): Promise<Started> {
  const home = await mkdtemp(join(tmpdir(), 'holdfast-npm-'))
  const port = await freePort()
  const env = { ...process.env, HOLDFAST_DATA_DIR: home, PORT: String(port), NODE_ENV: '' }
  const args = ['run', script, '--silent', '--ignore-scripts']
  // A group of its own, so that nothing is left whatever becomes of the test.
  const npm = spawn('npm', args, { cwd: root, env, stdio: 'ignore', detached: true })
  onTestFinished(async () => {
    try {
      process.kill(-(npm.pid ?? 0), 'SIGKILL')
    } catch {
      // All of them have ended, as they should.
    }
    await rm(home, { recursive: true, force: true, maxRetries: 3 })
  })
  const isUp = () =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      () => true,
      () => false,
    )
  return { npm, isUp }
}

it.each(['start', 'construction'])(
  'a SIGTERM to the npm of `npm run %s` ends the app, too',
  async (script) => {
    const { isUp, npm } = await startByNpm(script)
    await expect.poll(isUp, patience).toBe(true)
    npm.kill('SIGTERM')
    const [code] = await once(npm, 'exit')
    expect([code, await isUp()]).toEqual([0, false])
  },
  120_000,
)
