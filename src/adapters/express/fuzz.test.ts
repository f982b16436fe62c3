import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { RawClient } from '../../../test/adapters/raw-http.ts'
import {
  type Kit,
  type Listening,
  openKit,
  type Person,
  serve,
} from '../../../test/adapters/site.ts'

let kit: Kit
let manager: Person
let site: Listening
let entered: { readonly valid: boolean }[] = []
const rejections: unknown[] = []
const note = (reason: unknown) => void rejections.push(reason)

beforeAll(async () => {
  kit = await openKit()
  manager = await kit.person('manager')
  site = await serve(kit, (app) => {
    const { security } = kit
    const handler = (
      request: { auth?: { userId: string } },
      response: { json(v: unknown): void },
    ) => {
      entered.push({ valid: request.auth?.userId === manager.userId })
      response.json({})
    }
    app.get('/orders', security.guard('read:orders'), handler as never)
    app.all('/tasks/:id', security.guard.resource('tasks'), handler as never)
    app.use('/deep', security.authenticate)
    app.all('/deep/*rest', handler as never)
    app.post(
      '/open',
      security.open(),
      (request, response) => void response.json(request.body ?? null),
    )
    app.use(security.errorHandler())
  })
  process.on('unhandledRejection', note)
})

afterAll(async () => {
  process.off('unhandledRejection', note)
  await site.stop()
  await kit.close()
})

const segment = fc.constantFrom(
  ...[
    'orders',
    'Orders',
    'tasks',
    '7',
    'deep',
    'x',
    'open',
    'auth',
    'me',
    'admin',
    'users',
    'login',
  ],
  ...[
    '..',
    '.',
    '',
    '%2f',
    '%6Frders',
    '%',
    '%zz',
    '%00',
    ';a',
    'orders;x',
    '\\',
    '~',
    '*',
    'é',
    '{id}',
    '__proto__',
  ],
)
const oddPath = fc
  .tuple(
    fc.constantFrom('/', '//', 'http://evil.example/', '', '*'),
    fc.array(segment, { maxLength: 4 }),
  )
  .map(([start, parts]) => start + parts.join('/'))
const routed = fc.constantFrom('/orders', '/ORDERS/', '/tasks/7', '/deep/a/b', '/open', '/auth/me')
const path = fc.oneof(oddPath, routed)
const query = fc.constantFrom(
  '',
  '?',
  '?a=1',
  '?a[b]=1',
  '?%',
  '#x',
  '?__proto__[a]=1',
  `?${'q'.repeat(300)}`,
)
const method = fc.constantFrom(
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'QUERY',
  'PROPFIND',
  'PURGE',
)
const body = fc.oneof(
  fc.constant(''),
  fc.json(),
  fc.string(),
  fc.constantFrom(
    '{"a":1,"a":2}',
    '{"__proto__":1}',
    '[[[[',
    '"\\ud800"',
    'a=1&a=2',
    'a=%zz',
    '\0',
    '{"a":1e999}',
  ),
)
const otherHeader = fc.constantFrom(
  '',
  'Content-Type: application/json',
  'Content-Type: application/x-www-form-urlencoded',
  'Content-Type: ;;;',
  'Content-Encoding: gzip',
  'Sec-Fetch-Site: same-origin',
  'Origin: https://evil.example',
  'Origin: null',
  'X-Forwarded-For: 1.2.3.4, garbage',
  'X-HTTP-Method-Override: DELETE',
  'Expect: 100-continue',
  'Accept: */*;q=0.1;;',
  'X-Background: 1',
  'Cookie: a=b; c',
)

/** A credential, whole or with one byte changed. */
const credential = fc
  .tuple(
    fc.constantFrom('none', 'bearer', 'bearer', 'cookie', 'cookie', 'scheme'),
    fc.option(fc.tuple(fc.nat(2_000), fc.integer({ min: 0x21, max: 0x7e })), { freq: 1 }),
  )
  .map(([kind, flip]) => ({ kind, flip }))

function credentialLine({ flip, kind }: { kind: string; flip: [number, number] | null }) {
  if (kind === 'none') return { line: '', valid: false }
  const [name, prefix, secret] =
    kind === 'cookie'
      ? ['Cookie', '__Host-hf_session=', manager.cookie.cookie.slice(18)]
      : ['Authorization', 'Bearer ', manager.bearer.authorization.slice(7)]
  if (kind === 'scheme') return { line: `Authorization: Basic ${secret}`, valid: false }
  if (!flip) return { line: `${name}: ${prefix}${secret}`, valid: true }
  const at = flip[0] % secret.length
  const changed = secret.slice(0, at) + String.fromCharCode(flip[1]) + secret.slice(at + 1)
  return { line: `${name}: ${prefix}${changed}`, valid: changed === secret }
}

it('2,000 requests of any kind meet no 500, no hang and no way around a guard', async () => {
  const statuses = new Map<number, number>()
  let passed = 0
  const property = fc.asyncProperty(
    fc.record({
      method,
      path,
      query,
      credential,
      body,
      headers: fc.array(otherHeader, { maxLength: 2 }),
    }),
    async (request) => {
      entered = []
      const { line, valid } = credentialLine(request.credential)
      const bytes = Buffer.from(request.body)
      const head = [
        `${request.method} ${request.path}${request.query} HTTP/1.1`,
        'Host: localhost:3000',
        `Content-Length: ${bytes.length}`,
        ...[line, ...request.headers].filter((header) => header !== ''),
      ]
      const client = await RawClient.open(site.port)
      client.send(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]))
      let answer = await client.answer(request.method === 'HEAD')
      if (answer?.status === 100) answer = await client.answer(request.method === 'HEAD')
      client.close()
      const status = answer?.status ?? 0
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (status >= 500)
        expect(JSON.parse(answer?.body ?? '')).toMatchObject({
          status: 503,
          code: expect.any(String),
        })
      if (entered.length > 0) passed += 1
      if (!valid) expect(entered).toEqual([])
      expect(entered.every((one) => one.valid)).toBe(true)
    },
  )
  await fc.assert(property, { numRuns: 2_000, seed: 20261121, endOnFailure: true })
  expect(rejections).toEqual([])
  expect(statuses.get(0) ?? 0).toBe(0)
  expect(passed).toBeGreaterThan(100)
  expect([...statuses.keys()].filter((status) => status >= 500 && status !== 503)).toEqual([])
  expect((await site.fetch('/orders', { headers: manager.bearer })).status).toBe(200)
}, 120_000)
