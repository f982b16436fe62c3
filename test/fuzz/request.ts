import { spoilBytes } from './bytes.ts'
import type { Chance } from './chance.ts'
import type { Operation } from './operations.ts'
import type { Credentials } from './people.ts'
import { hostileText, spoilBody, validValue, type World } from './values.ts'

type Header = readonly [name: string, value: string]

/** A request before it is written down. */
export interface Draft {
  readonly operation: Operation
  /** What was done to it. */
  readonly change: Change
  method: string
  target: string
  headers: Header[]
  body: Buffer | undefined
  /** By which session it comes, as long as nobody has tampered with that. */
  genuine: 'body' | 'session' | undefined
}

/** A request as it goes over the wire. */
export interface Wire {
  readonly draft: Draft
  readonly bytes: Buffer
  /** HTTP itself is broken, or the answer may come while we still send: the connection ends after it. */
  readonly last: boolean
}

const changes = [
  [36, 'none'],
  [18, 'body'],
  [14, 'bytes'],
  [9, 'headers'],
  [5, 'credential'],
  [6, 'query'],
  [5, 'path'],
  [3, 'method'],
  [4, 'framing'],
] as const

export type Change = (typeof changes)[number][1]

export interface Setting {
  readonly world: World
  readonly credentials: Credentials
  readonly ownOrigin: string
}

/** Makes a request to `operation`, whole or spoiled in one way. */
export function draftRequest(chance: Chance, operation: Operation, setting: Setting): Wire {
  const change = chance.weighted(changes)
  const draft: Draft = {
    ...{ operation, change, method: operation.method, genuine: undefined, body: undefined },
    target: targetOf(chance, operation, setting.world),
    headers: [
      ['host', 'localhost:3000'],
      ['x-forwarded-for', clientOf(chance)],
    ],
  }
  addCredential(chance, draft, setting)
  if (operation.method !== 'GET' || change === 'bytes') addBody(chance, draft, setting.world)
  spoilers[change](chance, draft)
  return write(chance, draft)
}

function clientOf(chance: Chance): string {
  if (chance.percent(95)) return `203.0.113.${chance.below(50)}`
  return chance.pick([
    '::ffff:203.0.113.9',
    '2001:db8::1',
    'x',
    '1.2.3.4.5',
    '0x7f.1',
    ', ,',
    '[::1]:9',
  ])
}

function targetOf(chance: Chance, { parameters, path }: Operation, world: World): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const schema = parameters.find((one) => one.in === 'path' && one.name === name)?.schema
    return encodeURIComponent(String(validValue(chance, name, schema ?? {}, world)))
  })
  const queries = parameters.filter((one) => one.in === 'query' && chance.percent(50))
  const query = queries.map(({ name, schema }) => {
    return `${name}=${encodeURIComponent(String(validValue(chance, name, schema, world)))}`
  })
  return query.length === 0 ? filled : `${filled}?${query.join('&')}`
}

/** Nine in ten show who they are; a browser also says where it comes from. */
function addCredential(chance: Chance, draft: Draft, { credentials, ownOrigin }: Setting): void {
  if (!chance.percent(92)) return
  const { bearer, csrfToken, refreshCookie, sessionCookie } = credentials
  const page = draft.operation.kind === 'page'
  if (!page && chance.percent(60)) {
    draft.headers.push(['authorization', `Bearer ${bearer}`])
    draft.genuine = 'body'
    return
  }
  draft.genuine = 'session'
  const cookies = [`__Host-hf_session=${sessionCookie}`]
  if (chance.percent(30)) cookies.push(`__Host-hf_refresh=${refreshCookie}`)
  draft.headers.push(['cookie', cookies.join('; ')])
  const site = chance.pick(['fetch', 'origin', 'token'] as const)
  if (site === 'fetch') draft.headers.push(['sec-fetch-site', 'same-origin'])
  if (site === 'origin') draft.headers.push(['origin', ownOrigin])
  if (site === 'token') draft.headers.push(['x-csrf-token', csrfToken])
}

function addBody(chance: Chance, draft: Draft, world: World): void {
  const { body: schema, kind } = draft.operation
  if (!schema && draft.change !== 'body' && draft.change !== 'bytes') return
  const value = schema ? validValue(chance, '', { type: 'object', ...schema }, world) : {}
  const sent = draft.change === 'body' ? spoilBody(chance, value) : value
  draft.body = Buffer.from(kind === 'page' ? formOf(sent) : (JSON.stringify(sent) ?? ''))
  const type = kind === 'page' ? 'application/x-www-form-urlencoded' : 'application/json'
  draft.headers.push(['content-type', type])
}

function formOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const text = (one: unknown) => (typeof one === 'string' ? one : (JSON.stringify(one) ?? ''))
  const fields = Object.entries(value).map(([name, one]) => [name, text(one)])
  return new URLSearchParams(fields as [string, string][]).toString()
}

const spoilers: Readonly<Record<Change, (chance: Chance, draft: Draft) => void>> = {
  none: () => {},
  body: () => {},
  bytes: (chance, draft) => {
    draft.body = spoilBytes(chance, draft.body ?? Buffer.from('{}'))
  },
  headers: spoilHeaders,
  credential: spoilCredential,
  query: spoilQuery,
  path: spoilPath,
  method: (chance, draft) => {
    draft.method = chance.pick(['PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'POST', 'GET', 'LINK'])
  },
  framing: () => {},
}

const oddHeaders: readonly Header[] = [
  ['content-type', 'text/plain'],
  ['content-type', 'multipart/form-data; boundary=x'],
  ['content-type', 'application/json; charset=utf-16'],
  ['content-type', 'application/json;;;=;'],
  ['content-type', '*/*'],
  ['content-type', ''],
  ['content-encoding', 'gzip'],
  ['content-encoding', 'br, identity'],
  ['accept', 'text/html'],
  ['accept', '\xff\xfe'],
  ['accept-language', 'x'.repeat(4_000)],
  ['user-agent', '\xe9\xa4\xff'.repeat(200)],
  ['origin', 'null'],
  ['origin', 'http://localhost:3000, http://evil'],
  ['sec-fetch-site', 'cross-site'],
  ['sec-fetch-site', '\u00e9'],
  ['x-csrf-token', 'x'],
  ['x-forwarded-for', `${'1.1.1.1,'.repeat(500)}x`],
  ['x-forwarded-host', 'evil.example'],
  ['x-http-method-override', 'DELETE'],
  ['x-original-url', '/admin'],
  ['access-control-request-method', 'POST'],
  ['range', 'bytes=0-0'],
  ['if-none-match', '*'],
  ['upgrade', 'websocket'],
  ['te', 'trailers'],
  ['cookie', '__Host-hf_session=a; __Host-hf_session=b'],
  ['cookie', ';;;=;"'],
  ['cookie', 'x='.repeat(3_000)],
  ['__proto__', 'x'],
]

function spoilHeaders(chance: Chance, draft: Draft): void {
  const odd = chance.pick(oddHeaders)
  if (chance.percent(60)) draft.headers = draft.headers.filter(([name]) => name !== odd[0])
  draft.headers.push(odd)
  if (['authorization', 'cookie'].includes(odd[0])) draft.genuine = undefined
}

function spoilCredential(chance: Chance, draft: Draft): void {
  draft.genuine = undefined
  draft.headers = draft.headers.map(([name, value]) => {
    if (name !== 'authorization' && name !== 'cookie') return [name, value]
    const at = chance.below(value.length)
    const other = chance.pick(['A', '.', '=', ';', '\xff', ''])
    return [name, value.slice(0, at) + other + value.slice(at + 1)]
  })
}

const queries = [
  ...[
    'a=1',
    'a=1&a=2&a=3',
    'next=/&next=//evil',
    'token=a&token=b',
    'id=1&role=admin',
    '__proto__=1',
  ],
  ...['%', '%ff', '%00', 'a[b]=1', 'a.b=1', '=', '&&&&', '+', `${'a=1&'.repeat(1_001)}`, '?', 'é'],
  ...['x'.repeat(8_200), `next=${'/'.repeat(2_500)}`, 'notice=signed-out&notice=x', 'a=%ed%a0%80'],
] as const

function spoilQuery(chance: Chance, draft: Draft): void {
  draft.target += (draft.target.includes('?') ? '&' : '?') + chance.pick(queries)
}

function spoilPath(chance: Chance, draft: Draft): void {
  const segments = draft.target.split('/')
  const at = 1 + chance.below(Math.max(1, segments.length - 1))
  const text = encodeURIComponent(hostileText(chance).slice(0, 300).toWellFormed())
  const odd = ['..', '.', '', '%2e%2e', '%2f', 'a;b', 'A', '%00', '%', '\\', 'x'.repeat(64), text]
  if (chance.percent(50)) segments[at] = chance.pick(odd)
  else segments.splice(at, 0, chance.pick(odd))
  draft.target = segments.join('/')
  if (chance.percent(5)) draft.target = chance.pick(['*', 'http://evil/auth/me', '//evil/x', '/#x'])
}

function write(chance: Chance, draft: Draft): Wire {
  const { body, method } = draft
  if (draft.change === 'framing') return writeBroken(chance, draft)
  const chunked = body !== undefined && chance.percent(15)
  const framing: Header[] = chunked
    ? [['transfer-encoding', 'chunked']]
    : body || method === 'POST'
      ? [['content-length', String(body?.length ?? 0)]]
      : []
  const sent = chunked ? inChunks(chance, body) : (body ?? Buffer.alloc(0))
  const last = draft.headers.some(([name]) => name === 'upgrade') || method === 'CONNECT'
  return { draft, last, bytes: Buffer.concat([headOf(draft, framing), sent]) }
}

function headOf({ headers, method, target }: Draft, framing: readonly Header[]): Buffer {
  const lines = [...headers, ...framing].map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1')
}

function inChunks(chance: Chance, body: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; ) {
    const piece = body.subarray(at, at + 1 + chance.below(Math.max(1, body.length >> 2)))
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'))
    at += piece.length
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

/** Breaks HTTP itself; Node or we answer 4xx, or the connection ends. */
function writeBroken(chance: Chance, draft: Draft): Wire {
  const body = draft.body ?? Buffer.from('{}')
  const length = (value: number | string): Header => ['content-length', String(value)]
  const chunked: Header = ['transfer-encoding', 'chunked']
  const whole = (framing: readonly Header[], sent: Buffer) =>
    Buffer.concat([headOf(draft, framing), sent])
  const bytes = chance.pick([
    () => whole([length(body.length + 10)], body),
    () => whole([length(body.length), length(body.length + 1)], body),
    () => whole([length('-1')], body),
    () => whole([length('0x2')], body),
    () => whole([length(10 ** 12)], body),
    () => whole([length(body.length), chunked], body),
    () => whole([['transfer-encoding', 'chunked, gzip']], body),
    () => whole([chunked], Buffer.from('zz\r\nabc\r\n0\r\n\r\n')),
    () => whole([chunked], Buffer.from(`ffffffffffffffff\r\n${body}\r\n0\r\n\r\n`)),
    () => whole([chunked], Buffer.from('5\r\nab')),
    () => whole([['x y', 'z']], body),
    () => whole([['x', 'a\r\n b']], body),
    () => whole([['x', '\0']], body),
    () => whole([['x', 'y'.repeat(20_000)]], body),
    () => headOf(draft, [length(body.length)]).subarray(0, 40),
    () => Buffer.from(headOf(draft, []).toString('latin1').replace('HTTP/1.1', 'HTTP/9.9')),
    () => spoilBytes(chance, headOf(draft, [length(0)])),
  ])()
  return { draft, last: true, bytes }
}
