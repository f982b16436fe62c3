import { describe, expect, it } from 'vitest'
import type { Sent } from '../fuzz/ask.ts'
import { malformedSite, type Row } from './malformed-kit.ts'

const { ask: askAdmin, askAsNobody, table } = malformedSite()

const page = { path: '/account/sign-in', type: 'application/x-www-form-urlencoded' }
const get = (path: string): Sent => ({ method: 'GET', path, type: '' })

table(
  'what is no JSON is refused',
  [
    ...[
      ' ',
      '{',
      '{"a"',
      '{"a":1,}',
      '[1,]',
      "{'a':1}",
      '{a:1}',
      '{"a":1}{}',
      '/**/{}',
      '{"a":01}',
    ],
    ...[
      '{"a":NaN}',
      '{"a":+1}',
      '{"a":.5}',
      '"\\x41"',
      '"\t"',
      '\ufeff{}',
      'undefined',
      '\u2028{}',
    ],
  ].map((body): Row => [JSON.stringify(body), { body }, 400, 'malformed_json']),
)

table(
  'a body of another type, charset or encoding is refused',
  [
    ...['text/plain', 'text/json', 'application/x-www-form-urlencoded', 'multipart/form-data', ''],
    ...[
      'application/json, text/plain',
      'application/json; charset=utf-16',
      'application/jsonx',
      '*/*',
    ],
  ].map((type): Row => [type || 'none', { type, body: '{}' }, 415, 'unsupported_media_type']),
)

table(
  'a compressed body is refused',
  ['gzip', 'br', 'deflate', 'identity, gzip', 'x'].map(
    (encoding): Row => [
      encoding,
      { body: '{}', headers: { 'content-encoding': encoding } },
      ...([415, 'unsupported_media_type'] as const),
    ],
  ),
)

table('a repeated parameter is no text', [
  ['on our API', get('/auth/me?a=1&a=2'), 400, 'unknown_field', '#/query/a'],
  ['among others', get('/auth/me?b=1&a=1&a=2'), 400, 'unknown_field', '#/query/b', '#/query/a'],
  ['half an escape', get('/auth/me?a=%'), 400, 'malformed_form'],
  ['no UTF-8', get('/auth/me?%ff=1'), 400, 'malformed_form'],
])

describe('rule 31: on pages', () => {
  const refused = [
    ['a repeated parameter', get('/account/verify?token=a&token=b')],
    ['a repeated parameter of two', get('/account/sign-in?next=/a&next=//evil.example')],
    ['NUL in a parameter', get('/account/verify?token=%00')],
    ['a repeated field', { ...page, body: 'identifier=a&identifier=b&password=c' }],
    ['an unknown field', { ...page, body: 'identifier=a&password=b&role=admin' }],
    ['__proto__', { ...page, body: '__proto__=1' }],
    ['brackets', { ...page, body: 'identifier[x]=a&password=b' }],
  ] as const
  it.each(refused)('%s is a page that says 400', async (_, sent) => {
    const answer = await askAsNobody(sent)
    expect(answer.status).toBe(400)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
  })

  it('JSON is refused with 415', async () => {
    expect((await askAsNobody({ path: page.path, body: '{}' })).status).toBe(415)
  })
})

describe('rule 31: a path with another spelling reaches no route', () => {
  it.each([
    ...['/auth/me/', '/auth//me', '/AUTH/me', '/auth/ME', '/auth;x/me', '/auth/me;x'],
    ...['/%61uth/me', '/auth/m%65', '/auth/me.', '/auth/sessions/'],
  ])('%s', async (path) => {
    const { problem, status } = await askAdmin({ method: 'GET', path })
    expect([status, problem.code]).toEqual([404, 'not_found'])
  })

  it.each([
    ...['/auth/./me', '/auth/x/../me', '/auth%2fme', '/auth/me%00', '/auth\\me', '/auth%5cme'],
    ...['/auth/sessions/%2e%2e', '/auth/sessions/a%2fb', '/auth/sessions/%zz', '/auth/%C0%AFme'],
  ])('%s, which has two readings, and is told so', async (path) => {
    const { problem, status } = await askAdmin({ method: 'GET', path })
    expect([status, problem.code]).toEqual([400, 'path_ambiguous'])
  })

  it('and no target but a path is read', async () => {
    for (const path of ['*', '/auth/me#x']) {
      const { status } = await askAdmin({ method: 'GET', path })
      expect(status).toBe(400)
    }
  })
})

describe('rule 31: a credential that is malformed is nobody, and says so', () => {
  it.each([
    ...['Bearer', 'Bearer ', 'Bearer a b', 'Bearer a,b', 'Basic YTpi', 'bearer\tx', 'x'],
    ...[`Bearer ${'a'.repeat(8_000)}`, 'Bearer a.b.c', 'Bearer ..', 'Bearer \xff', 'Bearer %00'],
  ])('%s', async (authorization) => {
    const sent = { ...get('/auth/me'), headers: { authorization } }
    const { problem, ...answer } = await askAsNobody(sent)
    expect([answer.status, problem.code]).toEqual([401, 'token_invalid'])
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/)
  })

  it.each(['', 'x', '"', 'a'.repeat(8_000), '\xff', '%00', '=', 'a; __Host-hf_session=b'])(
    'cookie %s',
    async (value) => {
      const headers = { cookie: `__Host-hf_session=${value}` }
      const { problem, status } = await askAsNobody({ ...get('/auth/me'), headers })
      expect(status).toBe(401)
      expect(['token_invalid', 'authentication_required']).toContain(problem.code)
    },
  )
})
