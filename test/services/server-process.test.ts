import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { isAvailable, type ServiceName } from './binaries.ts'
import { testWorkspace } from './context.ts'
import { askMariadb } from './mariadb.ts'
import { askPostgres } from './postgres.ts'
import { freePort, startServer } from './server-process.ts'
import { offerServices } from './services.ts'

const services = fileURLToPath(new URL('./services.ts', import.meta.url))

/** Another run of tests: it starts one server, tells where, and waits for ever. */
async function otherRun(name: ServiceName) {
  const script = `
    const { askForService, offerServices } = await import(${JSON.stringify(services)})
    const { address } = await offerServices()
    const url = await askForService(address.broker, ${JSON.stringify(name)})
    console.log(JSON.stringify({ url, workspace: address.workspace }))`
  const args = ['--input-type=module', '--eval', script]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    once(child, 'exit').then((code) => Promise.reject(new Error(`the other run ended: ${code}`))),
  ])
  const told: { url: string; workspace: string } = JSON.parse(line)
  return { ...told, child }
}

const asks = { postgres: askPostgres, mariadb: askMariadb }

describe.skipIf(process.platform !== 'linux')('a run that is killed', () => {
  it.for((['postgres', 'mariadb'] as const).filter(isAvailable))(
    'takes its %s with it and leaves its files to the next run',
    async (name) => {
      const run = await otherRun(name)
      await asks[name](run.url, 'select 1')
      run.child.kill('SIGKILL')
      await once(run.child, 'exit')
      const options = { timeout: 20_000, interval: 50 }
      await vi.waitFor(() => expect(asks[name](run.url, 'select 1')).rejects.toThrow(), options)
      await vi.waitFor(async () => {
        const next = await offerServices()
        await next.stop()
        const left = [run.workspace, next.address.workspace].filter((path) => existsSync(path))
        expect(left).toEqual([])
      }, options)
    },
  )
})

it('a server that ends instead of answering is an error that holds its log', async () => {
  const server = startServer({
    name: 'Nonsense',
    directory: await mkdtemp(join(testWorkspace(), 'nonsense-')),
    program: process.execPath,
    args: ['--eval', 'console.error("port 0 is in use"); process.exit(3)'],
    signal: 'SIGTERM',
    probe: () => Promise.reject(new Error('no answer')),
  })
  await expect(server).rejects.toThrow(/Nonsense did not start[\s\S]*port 0 is in use/)
})

it('two free ports asked for at once are free', async () => {
  const ports = await Promise.all([freePort(), freePort()])
  for (const port of ports) expect(port).toBeGreaterThan(0)
})
