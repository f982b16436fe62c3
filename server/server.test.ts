import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commands } from '../cli/commands.ts'
import { run } from '../cli/run.ts'
import { generateSecrets } from '../src/config/index.ts'
import { fakeTerminal } from '../test/fake-terminal.ts'
import { freePort } from '../test/free-port.ts'
import { type RunningServer, startServer } from './server.ts'

let cwd = ''
const running: RunningServer[] = []

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'holdfast-'))
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
  rmSync(cwd, { recursive: true, force: true })
})

async function start(options: object = {}) {
  const port = await freePort()
  const told: string[] = []
  const server = await startServer({
    options: {
      ...generateSecrets(),
      baseUrl: `http://localhost:${port}`,
      database: `sqlite:${join(cwd, 'test.db')}`,
      logLevel: 'error',
      ...options,
    },
    server: { port, host: '127.0.0.1', dataDir: cwd, production: false },
    tell: (line) => told.push(line),
  })
  running.push(server)
  return {
    server,
    told,
    get: (path: string, init?: RequestInit) => fetch(`http://localhost:${port}${path}`, init),
  }
}

describe('the stand-alone server', { timeout: 60_000 }, () => {
  it('answers its own API, and 404 for what belongs to an app', async () => {
    const { get } = await start()
    expect((await get('/healthz')).status).toBe(200)
    expect((await get('/readyz')).status).toBe(200)
    expect((await get('/auth/me')).status).toBe(401)
    const foreign = await get('/orders')
    expect(foreign.status).toBe(404)
    expect(foreign.headers.get('content-type')).toBe('application/problem+json')
    expect(foreign.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('announces what is weaker than its default and what cannot work', async () => {
    const { told } = await start({ password: { minLength: 8 } })
    expect(told.join('\n')).toContain('password.minLength: A short password is easier to guess')
    expect(told.join('\n')).toContain('SMTP_URL is not set')
  })

  it('that cannot be configured never listens', async () => {
    await expect(start({ masterKey: 'change-me' })).rejects.toThrow('masterKey is a known example')
    await expect(start({ database: `sqlite:${cwd}` })).rejects.toThrow()
  })

  it('that was stopped answers nothing more and may be stopped again', async () => {
    const { get, server } = await start()
    await server.stop()
    await server.stop()
    await expect(get('/healthz')).rejects.toThrow()
  })
})

describe('serve', { timeout: 60_000 }, () => {
  it('in production does not start without MASTER_ENCRYPTION_KEY, and says how to make one', async () => {
    const env = {
      NODE_ENV: 'production',
      BASE_URL: 'https://app.example.com',
      HOLDFAST_DATA_DIR: cwd,
    }
    const terminal = fakeTerminal({ cwd, env })
    expect(await run(['serve'], terminal, commands)).toBe(1)
    expect(terminal.errors.join()).toContain(
      'masterKey (MASTER_ENCRYPTION_KEY) is missing. Run `holdfast secrets generate`',
    )
    expect(await run(['serve', '--dev'], terminal, commands)).toBe(1)
    expect(terminal.errors.join()).toContain('--dev is refused')
  })

  it('prints where it listens, and SIGTERM answers the request that has begun before the process ends', async () => {
    const port = await freePort()
    const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url))
    const child = spawn(process.execPath, [main, 'serve', '--dev', '--port', String(port)], {
      cwd,
      env: { PATH: process.env.PATH, LOG_LEVEL: 'error' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const errors = text(child.stderr)
    const ended = new Promise((resolve) => child.once('exit', resolve))
    const [line] = await Promise.race([
      new Promise<string[]>((resolve) =>
        child.stdout.once('data', (data) => resolve(String(data).split('\n'))),
      ),
      errors.then((said) => Promise.reject(new Error(said))),
    ])
    expect(line).toBe(`http://localhost:${port}`)
    const body = JSON.stringify({ identifier: 'nobody@example.com', password: 'wrong' })
    const socket = connect(port, '127.0.0.1')
    socket.write(
      `POST /auth/login HTTP/1.1\r\nhost: localhost:${port}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
    )
    // The connection is in the server's hands once a second one has been answered.
    expect((await fetch(`http://localhost:${port}/healthz`)).status).toBe(200)
    child.kill('SIGTERM')
    await expect
      .poll(
        () =>
          fetch(`http://localhost:${port}/healthz`).then(
            () => 'open',
            () => 'closed',
          ),
        { timeout: 30_000 },
      )
      .toBe('closed')
    socket.write(body)
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 401 /)
    expect(await ended).toBe(0)
    expect(await errors).toContain('letting running requests finish')
  })
})
