import type { Sent } from '../fuzz/ask.ts'
import { malformedSite, type Row } from './malformed-kit.ts'

const { table } = malformedSite()
const nobody = '01980000-0000-7000-8000-000000000000'

const register = { path: '/auth/register' }
const grant = { path: `/admin/users/${nobody}/roles` }
const order = { path: '/api/orders' }
const get = (path: string): Sent => ({ method: 'GET', path, type: '' })
const login = (members: string) => `{"email":"a@example.com","password":"x",${members}}`
const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
const many = (count: number) =>
  `{${Array.from({ length: count }, (_, at) => `"k${at}":0`).join(',')}}`
const list = (count: number) => `[${Array.from({ length: count }, () => 0).join(',')}]`

table('keys that reach into an object are refused where they stand', [
  ['__proto__', { body: '{"__proto__":{"admin":true}}' }, 400, 'forbidden_key', '#/body/__proto__'],
  [
    '__proto__ with escapes',
    { body: '{"\\u005f_proto__":1}' },
    400,
    'forbidden_key',
    '#/body/__proto__',
  ],
  [
    '__proto__ within',
    { ...register, body: '{"metadata":{"a":[0,{"__proto__":1}]}}' },
    400,
    'forbidden_key',
    '#/body/metadata/a/1/__proto__',
  ],
  [
    'constructor.prototype',
    { body: '{"constructor":{"prototype":{"admin":1}}}' },
    400,
    'forbidden_key',
    '#/body/constructor/prototype',
  ],
  ['constructor', { body: login('"constructor":1') }, 400, 'unknown_field', '#/body/constructor'],
  ['toString', { body: login('"toString":1') }, 400, 'unknown_field', '#/body/toString'],
  ['a key with ~ and /', { body: login('"a/b~c":1') }, 400, 'unknown_field', '#/body/a~1b~0c'],
  ['an empty key', { body: login('"":1') }, 400, 'unknown_field', '#/body/'],
  ['__proto__ in a query', get('/auth/me?__proto__=1'), 400, 'forbidden_key', '#/query/__proto__'],
])

table('a route of the app without a schema takes no operators of a database', [
  ['$', { ...order, body: '{"name":{"$gt":""}}' }, 400, 'forbidden_key', '#/body/name/$gt'],
  ['a dot', { ...order, body: '{"a.b":1}' }, 400, 'forbidden_key', '#/body/a.b'],
  [
    '$ in a form',
    { ...order, type: 'application/x-www-form-urlencoded', body: 'a=1&%24where=1' },
    400,
    'forbidden_key',
    '#/body/$where',
  ],
  [
    '__proto__',
    { ...order, body: '[{"__proto__":1}]' },
    400,
    'forbidden_key',
    '#/body/0/__proto__',
  ],
])

table('a key twice is refused, however it is spelled', [
  [
    'twice',
    { body: '{"email":"a@example.com","email":"b@example.com"}' },
    400,
    'duplicate_key',
    '#/body/email',
  ],
  [
    'twice with an escape',
    { body: '{"email":"a","\\u0065mail":"b"}' },
    400,
    'duplicate_key',
    '#/body/email',
  ],
  [
    'twice within',
    { ...register, body: '{"metadata":{"a":{"b":1,"c":2,"b":3}}}' },
    400,
    'duplicate_key',
    '#/body/metadata/a/b',
  ],
  [
    'twice among many',
    { body: `${many(500).slice(0, -1)},"k7":1}` },
    400,
    'duplicate_key',
    '#/body/k7',
  ],
])

table('texts that cannot be stored are refused where they stand', [
  [
    'NUL',
    { body: '{"email":"a\\u0000@example.com","password":"x"}' },
    400,
    'forbidden_character',
    '#/body/email',
  ],
  ['NUL in a key', { body: '{"a\\u0000b":1}' }, 400, 'forbidden_character', '#/body'],
  ['NUL as a byte', { body: '{"email":"a\0"}' }, 400, 'malformed_json'],
  [
    'a high surrogate',
    { ...register, body: '{"displayName":"\\ud800"}' },
    400,
    'forbidden_character',
    '#/body/displayName',
  ],
  [
    'a low surrogate',
    { ...register, body: '{"companyName":"x\\udc00"}' },
    400,
    'forbidden_character',
    '#/body/companyName',
  ],
  [
    'surrogates in the wrong order',
    { ...register, body: '{"metadata":{"a":["\\udc00\\ud800"]}}' },
    400,
    'forbidden_character',
    '#/body/metadata/a/0',
  ],
  [
    'a surrogate as bytes',
    { body: Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]) },
    400,
    'malformed_json',
  ],
  ['an overlong encoding', { body: Buffer.from([0x22, 0xc0, 0xaf, 0x22]) }, 400, 'malformed_json'],
  ['NUL in a query', get('/auth/me?a=%00'), 400, 'forbidden_character', '#/query/a'],
  ['a surrogate in a query', get('/auth/me?a=%ed%a0%80'), 400, 'malformed_form'],
])

table('what is too deep, too long, too many or too large is refused', [
  ['33 levels', { body: nested(33) }, 400, 'too_deep', `#/body/a${'/0'.repeat(31)}`],
  ['50,000 levels', { body: '['.repeat(50_000) }, 400, 'too_deep', `#/body${'/0'.repeat(32)}`],
  [
    'a text of 10,001',
    { body: `{"email":"${'x'.repeat(10_001)}"}` },
    400,
    'string_too_long',
    '#/body/email',
  ],
  [
    'a list of 1,001',
    { ...register, body: `{"metadata":{"a":${list(1_001)}}}` },
    400,
    'array_too_long',
    '#/body/metadata/a',
  ],
  ['an object of 1,001', { body: many(1_001) }, 400, 'too_many_keys', '#/body'],
  ['a query of 1,001', get(`/auth/me?${'a&'.repeat(1_001)}`), 400, 'too_many_keys'],
  [
    '2^53',
    { ...grant, body: '{"role":"user","expiresAt":9007199254740992}' },
    400,
    'unsafe_number',
    '#/body/expiresAt',
  ],
  [
    '1e400',
    { ...grant, body: '{"role":"user","expiresAt":1e400}' },
    400,
    'unsafe_number',
    '#/body/expiresAt',
  ],
  ['100 KB and a byte', { body: `"${'x'.repeat(102_399)}"` }, 413, 'body_too_large'],
  [
    'the same in chunks',
    { body: `"${'x'.repeat(102_399)}"`, chunked: true },
    413,
    'body_too_large',
  ],
  ['an address of 8 KB', get(`/auth/me?${'x'.repeat(8_193)}`), 414, 'target_too_long'],
])

table('a wrong type is refused where it stands', [
  ['a number', { body: '{"email":1,"password":"x"}' }, 400, 'invalid_request', '#/body/email'],
  [
    'null',
    { body: '{"email":null,"password":null}' },
    400,
    'invalid_request',
    '#/body/email',
    '#/body/password',
  ],
  [
    'a list',
    { body: '{"email":["a@example.com"],"password":"x"}' },
    400,
    'invalid_request',
    '#/body/email',
  ],
  [
    'an object',
    { body: '{"email":"a@example.com","password":{"length":20}}' },
    400,
    'invalid_request',
    '#/body/password',
  ],
  [
    'a list for a record',
    { ...register, body: '{"email":"a@example.com","password":"x","metadata":[]}' },
    400,
    'invalid_request',
    '#/body/metadata',
  ],
  [
    'a text for a number',
    { ...grant, body: '{"role":"user","expiresAt":"1"}' },
    400,
    'invalid_request',
    '#/body/expiresAt',
  ],
  [
    'a fraction',
    { ...grant, body: '{"role":"user","expiresAt":1.5}' },
    400,
    'invalid_request',
    '#/body/expiresAt',
  ],
  [
    'a negative',
    { ...grant, body: '{"role":"user","expiresAt":-1}' },
    400,
    'invalid_request',
    '#/body/expiresAt',
  ],
  [
    'another word',
    { body: login('"transport":"carrier pigeon"') },
    400,
    'invalid_request',
    '#/body/transport',
  ],
  ...['[]', '"x"', '1', 'true', 'null'].map(
    (body): Row => [`${body} for an object`, { body }, 400, 'invalid_request', '#/body'],
  ),
  ['nothing', { body: '' }, 400, 'invalid_request', '#/body/password'],
  ['two names', { body: login('"username":"b"') }, 400, 'identifier_required'],
  ['no name', { body: '{"password":"x"}' }, 400, 'identifier_required'],
])
