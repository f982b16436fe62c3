import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Express } from 'express'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Listening, listen } from '../../../test/adapters/site.ts'
import { generateSecrets } from '../../config/index.ts'
import type { ExpressSecurity } from './index.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const guide = await readFile(join(root, 'docs/guides/protect-an-express-app.md'), 'utf8')
const blocks = new Map(
  [...guide.matchAll(/^```(ts|js) run ([a-z-]+)\n(.*?)^```$/gms)].map(([, kind, name, code]) => [
    name,
    { kind, code: code ?? '' },
  ]),
)

interface Program {
  readonly app: Express
  readonly security: ExpressSecurity
  readonly site: Listening
}

let folder = ''
const open: Program[] = []

beforeAll(async () => {
  await mkdir(join(root, '.holdfast'), { recursive: true })
  folder = await mkdtemp(join(root, '.holdfast/guide-'))
  vi.stubEnv('MASTER_ENCRYPTION_KEY', generateSecrets().masterKey)
  vi.stubEnv('BASE_URL', 'http://localhost:3000')
})

afterAll(async () => {
  for (const { security, site } of open) {
    await site.stop()
    await security.close()
  }
  await rm(folder, { recursive: true, force: true })
  vi.unstubAllEnvs()
})

/** Runs an example as it stands, but for its port, its database file and a way to get at it. */
async function run(name: string): Promise<Program> {
  const block = blocks.get(name)
  if (!block) throw new Error(`the guide has no example ${name}`)
  vi.stubEnv('DATABASE_URL', `sqlite:${join(folder, `${name}.db`)}`)
  const code = block.code
    .replace("'sqlite:./shop.db'", JSON.stringify(`sqlite:${join(folder, `${name}.db`)}`))
    .replace(/(\w+)\.listen\(3000\)/, "export const guideServer = $1.listen(0, '127.0.0.1')")
  const file = join(folder, `${name}.${block.kind}`)
  await writeFile(file, `${code}\nexport const guideParts = { app, security }\n`)
  const { guideParts, guideServer } = (await import(pathToFileURL(file).href)) as {
    guideParts: { app: Express; security: ExpressSecurity }
    guideServer: Server
  }
  await guideParts.security.ready()
  if (!guideServer.listening) await new Promise((resolve) => guideServer.once('listening', resolve))
  const program = { ...guideParts, site: await listen(guideServer) }
  open.push(program)
  return program
}

/** A buyer with an access token. */
async function signedIn(security: ExpressSecurity, site: Listening) {
  const login = { email: 'ada@example.com', password: 'correct horse battery staple 42' }
  const { id: userId } = await security.users.create({ ...login, roles: ['buyer'] })
  const answer = await site.fetch('/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...login, transport: 'body' }),
  })
  return { userId, headers: { authorization: `Bearer ${answer.json?.accessToken}` } }
}

describe('the guide', () => {
  it.each(['quick-start', 'quick-start-js'])('starts an app as it says: %s', async (name) => {
    const { site } = await run(name)
    expect((await site.fetch('/')).text).toBe('Hello')
    expect((await site.fetch('/orders')).json).toMatchObject({ code: 'authentication_required' })
    expect((await site.fetch('/account/sign-in')).status).toBe(200)
  })

  it('quick start is ten lines beside the configuration, in both languages', () => {
    for (const name of ['quick-start', 'quick-start-js']) {
      const lines = (blocks.get(name)?.code ?? '').split('\n').filter((line) => /^\S/.test(line))
      expect(lines.length).toBeLessThanOrEqual(10)
    }
  })

  it('shows an app whose every route says who may call it', async () => {
    const { app, security, site } = await run('typical')
    const bare = security
      .manifest(app)
      .filter(({ policy, unclassified }) => !policy && !unclassified)
    expect(bare).toEqual([])
    expect((await site.fetch('/')).json).toEqual({ by: null })
    const guarded = ['/me', '/orders', '/stock/7', '/till', '/reports/daily', '/reports/export']
    for (const path of guarded) expect((await site.fetch(path)).status).toBe(401)
    expect((await site.fetch('/assets/nothing')).status).toBe(404)
  })

  it('shows guards that know rows and objects', async () => {
    const { security, site } = await run('rows')
    const { userId, headers } = await signedIn(security, site)
    expect((await site.fetch('/orders', { headers })).json).toEqual([])
    expect((await site.fetch('/orders/7', { headers })).status).toBe(404)
    expect((await site.fetch('/orders/8', { headers })).status).toBe(404)
    expect((await site.fetch('/orders/7', { headers, method: 'DELETE' })).status).toBe(403)
    const { id } = await security.organisations.create({ name: 'T', slug: 't', owner: userId })
    expect((await site.fetch(`/teams/${id}/orders`, { headers })).json).toEqual([])
    expect((await site.fetch('/teams/x/orders', { headers })).status).toBe(404)
  })

  it('guards WebSockets', async () => {
    const { site } = await run('upgrade')
    const answer = await site.raw(
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    expect(answer?.status).toBe(401)
  })

  it('shows a test that passes', async () => {
    const file = join(folder, 'tests.ts')
    await writeFile(file, blocks.get('tests')?.code ?? 'throw new Error()')
    await import(pathToFileURL(file).href)
    expect(blocks.get('tests')?.code).toContain('assert.equal')
  })

  it('writes records of the app', async () => {
    vi.stubEnv('DATABASE_URL', `sqlite:${join(folder, 'audit.db')}`)
    const file = join(folder, 'audit.ts')
    await writeFile(file, `${blocks.get('audit')?.code}\nexport { security }\n`)
    const { security } = (await import(pathToFileURL(file).href)) as { security: ExpressSecurity }
    const [row] = await security.parts.ground.audit.find({ action: 'invoice.sent', limit: 1 })
    await security.close()
    expect(row).toMatchObject({ actor_kind: 'user', resource_id: '2026-117', ip: '192.0.2.7' })
  })

  it('has no example that is never run', () => {
    expect([...blocks.keys()].sort()).toEqual([
      ...['audit', 'quick-start', 'quick-start-js', 'rows', 'tests', 'typical', 'upgrade'],
    ])
  })
})
