import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type RequestOptions, type ServedApp, serveApp } from '../../../test/served-app.ts'
import { listener } from '../node/index.ts'

const lines: string[] = []
const tell = (message: string, fields?: object) =>
  void lines.push(`${message} ${JSON.stringify(fields)}`)
const logger = { debug: tell, info: tell, warn: tell, error: tell }
const access = {
  attributes: { region: 'text' },
  resources: {
    orders: { columns: { id: 'text', owner: 'text', region: 'text' }, owner: 'owner' },
    notes: { tenant: false },
    rooms: {},
  },
  roles: {
    clerk: { permissions: ['read:orders:own', 'read:rooms'] },
    regional: {
      permissions: [
        {
          permission: 'update:orders',
          when: { column: 'region', equals: { attribute: 'region' } },
        },
      ],
    },
    editor: { permissions: ['read:notes'] },
  },
} as const
const canary = 'canary-8fK2'
const order = { id: canary, owner: 'somebody', region: canary }

let app: ServedApp
let token: string

async function open(mode: 'development' | 'production') {
  const served = await serveApp(
    { mode, logger, access, organisations: 'header' },
    (routes, use) => {
      const { guard } = use
      const done = (_request: unknown, response: { json(value: object): unknown }) =>
        void response.json({})
      routes.get('/plain/:id', guard('read:orders'), done)
      routes.get('/object/:id', guard('read:orders', { object: () => order }), done)
      routes.put('/untold/:id', guard('update:orders', { rows: true }), done)
      const attributes = () => ({ region: 'north' })
      routes.put('/told/:id', guard('update:orders', { object: () => order, attributes }), done)
      routes.get('/notes/:id', guard('read:notes'), done)
      routes.get('/rooms/:id', guard('read:rooms'), done)
      routes.get('/of/:place/notes', guard('read:notes', { organisation: 'place' }), done)
    },
  )
  await served.person('ada@example.com', ['clerk', 'regional'])
  return { served, accessToken: (await served.signIn('ada@example.com')).accessToken }
}

beforeAll(async () => {
  app = (await open('development')).served
  await app.security.organisations.create({ name: 'Acme', slug: 'acme' })
})
afterAll(() => app?.stop())
beforeEach(async () => {
  await app.advance(60_000)
  token = (await app.signIn('ada@example.com')).accessToken
  lines.length = 0
})

const hints = () => lines.filter((line) => line.startsWith('hint: '))
const ask = (method: string, path: string, more: RequestOptions = {}) =>
  app.request(method, path, { token, ...more })

const unnamed = 'hint: the header x-organisation names no organisation'
it.each<[string, string, RequestOptions, number, readonly string[]]>([
  [
    'a role for some rows behind a plain guard',
    'GET /plain/1',
    { headers: { 'x-organisation': 'acme' } },
    404,
    ['hint: the organisation that the header x-organisation names is none of the caller'],
  ],
  [
    'a role for some rows behind a plain guard',
    'GET /plain/1',
    {},
    403,
    [unnamed, 'hint: read:orders of the role clerk is about some rows: give the guard rows or'],
  ],
  [
    'an attribute that nobody told',
    'PUT /untold/1',
    {},
    403,
    [unnamed, 'hint: the guard was told no value of region: give it the option attributes'],
  ],
  ['an organisation that nobody named', 'GET /notes/1', {}, 403, [unnamed]],
  [
    'a header that was misspelt',
    'GET /notes/1',
    { headers: { 'x-organization': canary } },
    403,
    [
      `${unnamed}, so roles that are held in one do not count; a header of nearly that name was sent`,
    ],
  ],
  [
    'an organisation in the path',
    `GET /of/${canary}/notes`,
    {},
    404,
    ['hint: the organisation that the path names is none of the caller'],
  ],
  [
    'two credentials',
    'GET /rooms/1',
    { headers: { 'x-api-key': canary } },
    401,
    ['hint: Authorization and X-API-Key hold two credentials, so neither counts'],
  ],
  [
    'a cookie beside a token',
    'GET /notes/1',
    { cookie: `__Host-hf_session=${canary}; hf_session=${canary}` },
    403,
    ['hint: the request has a session cookie too: Authorization alone was judged', unnamed],
  ],
])('the log of a development server tells of %s: %s', async (_, asked, more, status, wanted) => {
  const [method = '', path = ''] = asked.split(' ')
  expect((await ask(method, path, more)).status).toBe(status)
  expect(hints()).toHaveLength(wanted.length)
  for (const [at, text] of wanted.entries()) expect(hints()[at]).toContain(text)
})

it('an object that the caller may not see is told of as well, in the log alone', async () => {
  const refusals = async () => {
    const { ground, rooms } = app.security.parts
    await rooms.access.refusals.flush(ground.database)
    return (await ground.audit.find({ action: 'access.refused', limit: 100 })).length
  }
  const before = await refusals()
  const answer = await ask('GET', '/object/1')
  expect(answer.status).toBe(404)
  expect(answer.text).not.toMatch(/hint|clerk|organisation/)
  expect(hints()).toHaveLength(1)
  expect(hints()[0]).toContain(unnamed)
  expect(await refusals()).toBe(before)
})

it('what was told, and whoever passes, is no puzzle', async () => {
  expect((await ask('PUT', '/told/1')).status).toBe(404)
  expect(hints().join()).not.toContain('told no value')
  lines.length = 0
  expect((await ask('GET', '/rooms/1')).status).toBe(200)
  expect(hints()).toEqual([])
})

it('a route says the same once a minute, whatever is in its path', async () => {
  for (let turn = 0; turn < 20; turn++) await ask('GET', `/notes/${turn}`)
  expect(hints()).toHaveLength(1)
  expect(hints()[0]).toContain('"route":"GET /notes/:id"')
  await app.advance(60_000)
  await ask('GET', '/notes/1')
  expect(hints()).toHaveLength(2)
})

it('no hint holds anything that a request or an object said', async () => {
  const headers = { 'x-organization': canary, 'x-api-key': canary }
  for (const path of ['/plain', '/untold', '/told', '/object', '/notes', '/rooms'].map(
    (start) => `${start}/${canary}?q=${canary}`,
  )) {
    for (const method of ['GET', 'PUT']) {
      await ask(method, path)
      await ask(method, path, { headers })
      await ask(method, path, { headers: { 'x-organisation': canary } })
    }
  }
  expect(hints().length).toBeGreaterThan(5)
  expect(hints().join()).not.toContain(canary)
})

it('a plain listener gives the same hints', async () => {
  const server = createServer(
    listener(app.security, (_request, response, { require }) => {
      require('read:notes')
      response.end()
    }),
  )
  await new Promise((resolve) => void server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = server.address() as AddressInfo
  const headers = { authorization: `Bearer ${token}` }
  try {
    expect((await fetch(`http://127.0.0.1:${port}/x`, { headers })).status).toBe(403)
  } finally {
    server.close()
  }
  expect(hints()).toHaveLength(1)
  expect(hints()[0]).toContain(unnamed)
})

it('in production nothing is hinted at', async () => {
  const { accessToken, served } = await open('production')
  try {
    lines.length = 0
    expect((await served.request('GET', '/plain/1', { token: accessToken })).status).toBe(403)
    expect((await served.request('GET', '/object/1', { token: accessToken })).status).toBe(404)
    expect(hints()).toEqual([])
  } finally {
    await served.stop()
  }
})
