import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateSecrets } from '../src/config/index.ts'
import { fakeTerminal } from '../test/fake-terminal.ts'
import { commands } from './commands.ts'
import { run } from './run.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { masterKey } = generateSecrets()
let folder = ''
let files = 0

beforeAll(() => {
  mkdirSync(join(root, '.holdfast'), { recursive: true })
  folder = mkdtempSync(join(root, '.holdfast/routes-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const preamble = `
import express from 'express'
import { createSecurity } from '${join(root, 'src/adapters/express/index.ts')}'
const make = (build) => {
  const security = createSecurity({
    mode: 'development', baseUrl: 'http://localhost:3000',
    masterKey: '${masterKey}', database: 'sqlite::memory:',
    uploads: { directory: '${join(root, '.holdfast/routes-uploads')}' },
    limits: { policies: { orders: { points: 10, window: '1m' } } },
  })
  const app = security.protect(express())
  const ok = (_request, response) => response.end()
  build(app, security, ok)
  return { app, security }
}
`
const whole = `
  app.get('/', security.open(), ok)
  app.get('/orders/:id', security.guard('read:orders', { object: () => ({}), audit: 'orders.read' }), ok)
  app.all('/stock', security.guard.resource('stock', { within: '5m', level: 2 }), ok)
  app.get('/bare', ok)
`

/** A file with an app of these routes, exported so. */
function appFile(build: string, exported = 'export const { app, security } = parts'): string {
  const name = `app-${++files}.mjs`
  const text = `${preamble}const parts = make((app, security, ok) => {${build}})\n${exported}\n`
  writeFileSync(join(folder, name), text)
  return name
}

async function type(...args: string[]) {
  const terminal = fakeTerminal({ cwd: folder })
  const code = await run(['routes', ...args], terminal, commands)
  return { code, out: terminal.outputs.join('\n'), err: terminal.errors.join('\n') }
}

describe('holdfast routes --app', () => {
  it('lists the routes of an app and who may call each', async () => {
    const { code, out } = await type('--app', appFile(whole))
    expect(code).toBe(0)
    expect(out.split('\n').map((line) => line.replace(/ +/g, ' ').trim())).toEqual([
      'GET / everybody',
      'GET /orders/:id read:orders, for the object',
      'ALL /stock stock by method, proof within 5m, level 2',
      'GET /bare nobody (it states no policy)',
    ])
  })

  it.each([
    ['named exports', 'export const { app, security } = parts'],
    ['a default export', 'export default parts'],
    ['a function', 'export const createApp = async () => parts'],
    ['a default function', 'export default () => parts'],
  ])('takes %s', async (_, exported) => {
    const { code, out } = await type('--app', appFile(whole, exported), '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toHaveLength(4)
  })

  it.each([
    ['a file that is not there', () => 'nowhere.mjs', /There is no .*nowhere\.mjs/],
    ['no app', () => appFile(whole, 'export const nothing = 1'), /exports no app/],
    ['an app without its security', () => appFile(whole, 'export const { app } = parts'), /no app/],
    ['a file that throws', () => appFile(whole, 'throw new Error("deliberate")'), /deliberate/],
    [
      'a function that rejects',
      () => appFile(whole, 'export default async () => { throw new Error("deliberate") }'),
      /failed: deliberate/,
    ],
    ['an app without routes', () => appFile(''), /has no routes/],
  ])('fails for %s', async (_, file, message) => {
    const { code, err, out } = await type('--app', file())
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(message)
  })

  it('writes them down, and finds nothing to tell of the same app', async () => {
    const app = appFile(whole)
    expect(await type('--app', app, '--write', 'routes.json')).toMatchObject({
      code: 0,
      out: '4 routes written to routes.json.',
    })
    const text = readFileSync(join(folder, 'routes.json'), 'utf8')
    expect(text.split('\n').filter((line) => line.includes('"method"'))).toHaveLength(4)
    expect(await type('--app', app, '--diff', 'routes.json')).toEqual({
      ...{ code: 0, out: 'No route has changed.', err: '' },
    })
  })

  it('fails on a route that became more open, and says of each why', async () => {
    await type('--app', appFile(whole), '--write', 'before.json')
    const after = appFile(`
      app.get('/', security.open(), ok)
      app.get('/orders/:id', security.guard('read:orders'), ok)
      app.all('/stock', security.guard.resource('stock'), ok)
      app.get('/new', security.authenticate, ok)
    `)
    const { code, err, out } = await type('--app', after, '--diff', 'before.json')
    expect(code).toBe(1)
    expect(out.split('\n')).toEqual([
      'MORE OPEN    ALL /stock asks for no recent proof any more (5m)',
      'MORE OPEN    ALL /stock asks for level 1 and no longer for level 2',
      'MORE OPEN    GET /new is new: signed in',
      'changed      GET /orders/:id: read:orders',
      'gone         GET /bare',
    ])
    expect(err).toContain('--write')
    const json = await type('--app', after, '--diff', 'before.json', '--json')
    expect(json.code).toBe(1)
    expect(JSON.parse(json.out)).toMatchObject({
      opened: [
        { method: 'ALL', path: '/stock', before: { policy: { level: 2 } }, after: { policy: {} } },
        { method: 'GET', path: '/new', reasons: ['is new: signed in'] },
      ],
      changed: [{ path: '/orders/:id' }],
      gone: [{ path: '/bare' }],
    })
  })

  it('fails on an open route that now comes first, and on a gate that is gone', async () => {
    const gate = "app.use('/files', security.authenticate)"
    const secret = "app.get('/files/secret', security.guard('read:orders'), ok)"
    const wide = "app.get('/files/:name', security.open(), ok)"
    await type('--app', appFile([gate, secret, wide].join('\n')), '--write', 'order.json')
    const moved = await type(
      '--app',
      appFile([gate, wide, secret].join('\n')),
      '--diff',
      'order.json',
    )
    expect([moved.code, moved.out]).toEqual([
      1,
      'MORE OPEN    GET /files/:name now comes before GET /files/secret: read:orders -> everybody',
    ])
    const bare = await type('--app', appFile([secret, wide].join('\n')), '--diff', 'order.json')
    expect([bare.code, bare.out.split('\n')]).toEqual([
      1,
      [
        'MORE OPEN    GET /files/secret takes the place of what is gone: USE /files: signed in -> read:orders',
        'MORE OPEN    GET /files/:name takes the place of what is gone: USE /files: signed in -> everybody',
        'gone         USE /files',
      ],
    ])
  })

  it('fails on a route that lost a control, its own or one of the middleware before it', async () => {
    const lines = [
      "app.use('/files', security.authenticate)",
      "app.use('/files', security.ipRules({ allow: ['10.0.0.0/8'] }))",
      "app.get('/files/a', security.guard('read:orders'), ok)",
      "app.post('/orders', security.guard('write:orders'), security.signed({ by: 'program' }), security.rateLimit('orders'), security.inspect(), ok)",
      "app.post('/photos', security.authenticate, security.upload({ field: 'f', types: ['png'], maxBytes: '1mb' }), ok)",
    ]
    const file = appFile(lines.join('\n'))
    await type('--app', file, '--write', 'controls.json')
    expect(await type('--app', file, '--diff', 'controls.json')).toEqual({
      code: 0,
      out: 'No route has changed.',
      err: '',
    })
    const weaker = lines
      .filter((line) => !line.includes('ipRules'))
      .map((line) => line.replace(/security\.signed.*inspect\(\), ok/, 'ok, security.inspect()'))
      .map((line) => line.replace('1mb', '2mb'))
    const { code, out } = await type('--app', appFile(weaker.join('\n')), '--diff', 'controls.json')
    expect(code).toBe(1)
    expect(out.split('\n').filter((line) => line.startsWith('MORE OPEN'))).toEqual([
      'MORE OPEN    GET /files/a has lost a control: addresses 10.0.0.0/8 alone',
      'MORE OPEN    GET /files/a takes the place of what is gone: USE /files: signed in -> read:orders',
      'MORE OPEN    POST /orders has lost a control: signed by program',
      'MORE OPEN    POST /orders has lost a control: limit orders (10 in 60 s by account)',
      'MORE OPEN    POST /orders has lost a control: inspected',
      'MORE OPEN    POST /photos has a weaker control: upload of 1 (png, 1048576 bytes) -> upload of 1 (png, 2097152 bytes)',
    ])
  })

  it.each([
    ['nothing', undefined],
    ['no JSON', '{'],
    ['another version', '{"holdfastRoutes":4,"routes":[]}'],
    ['the version without an order', '{"holdfastRoutes":1,"routes":[]}'],
    ['the version without controls', '{"holdfastRoutes":2,"routes":[]}'],
    ['a control that nobody knows', listOf({ kind: 'open' }, [{ kind: 'magic' }])],
    ['a bound of another type', listOf({ kind: 'open' }, [{ kind: 'signed', by: 7 }])],
    ['a policy that nobody knows', listOf({ kind: 'anybody' })],
    ['a term of another type', listOf({ kind: 'permission', permission: 'read:x', level: '2' })],
    ['roles that are no list', listOf({ kind: 'roles', anyRole: 'admin' })],
    ['a route without a path', '{"holdfastRoutes":3,"routes":[{"method":"GET","policy":null}]}'],
  ])('compares with no file that holds %s', async (_, text) => {
    if (text !== undefined) writeFileSync(join(folder, 'broken.json'), text)
    const file = text === undefined ? 'absent.json' : 'broken.json'
    const { code, err } = await type('--app', appFile(whole), '--diff', file)
    expect(code).toBe(1)
    expect(err).toMatch(/--write/)
  })

  it.each([
    [['--write', 'x.json'], /--write needs --app/],
    [['--diff', 'x.json'], /--diff needs --app/],
    [['--app', 'x.mjs', '--write', 'x', '--diff', 'x'], /one of them/],
  ])('is written wrongly as %j', async (args, message) => {
    const { code, err } = await type(...args)
    expect(code).toBe(2)
    expect(err).toMatch(message)
  })
})

function listOf(policy: unknown, controls: unknown = []): string {
  const route = { method: 'GET', path: '/x', policy, controls }
  return JSON.stringify({ holdfastRoutes: 3, routes: [route] })
}
