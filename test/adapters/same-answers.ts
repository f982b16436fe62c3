export type Who = 'nobody' | 'manager' | 'manager cookie' | 'user' | 'forged' | 'malformed'
export type Headers = Readonly<Record<string, string>>

/** One request, and what every adapter answers. */
export interface Row {
  readonly who: Who
  readonly request: string
  readonly headers?: Headers
  readonly body?: string
  readonly status: number
  readonly code?: string
  /** The node:http app has no router of its own, so it cannot answer everything. */
  readonly expressOnly?: true
}

const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const sameOrigin = { 'sec-fetch-site': 'same-origin' }
const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }

export const rows: readonly Row[] = [
  { who: 'nobody', request: 'GET /open', status: 200 },
  { who: 'manager', request: 'GET /open', status: 200 },
  { who: 'forged', request: 'GET /open', status: 200 },
  { who: 'nobody', request: 'HEAD /open', status: 200 },
  { who: 'nobody', request: 'GET /me', status: 401, code: 'authentication_required' },
  { who: 'user', request: 'GET /me', status: 200 },
  { who: 'manager cookie', request: 'GET /me', status: 200 },
  { who: 'forged', request: 'GET /me', status: 401, code: 'token_invalid' },
  { who: 'malformed', request: 'GET /me', status: 401, code: 'token_invalid' },
  { who: 'nobody', request: 'GET /orders', status: 401, code: 'authentication_required' },
  { who: 'user', request: 'GET /orders', status: 403, code: 'forbidden' },
  { who: 'manager', request: 'GET /orders', status: 200 },
  { who: 'manager', request: 'HEAD /orders', status: 200 },
  { who: 'nobody', request: 'HEAD /orders', status: 401 },
  { who: 'manager', request: 'GET /orders?q=1&q=2', status: 200 },
  { who: 'manager', request: 'GET http://evil.example/orders', status: 200 },
  { who: 'nobody', request: 'GET http://evil.example/orders', status: 401 },
  { who: 'manager', request: 'GET /orders#x', status: 400, code: 'invalid_request' },
  { who: 'manager', request: 'POST /tasks', headers: json, body: '{"a":1}', status: 200 },
  { who: 'manager', request: 'POST /tasks', headers: form, body: 'a=1', status: 200 },
  { who: 'user', request: 'POST /tasks', headers: json, body: '{"a":1}', status: 403 },
  {
    who: 'manager',
    request: 'POST /tasks',
    headers: json,
    body: '{"a":',
    status: 400,
    code: 'malformed_json',
  },
  {
    who: 'manager',
    request: 'POST /tasks',
    headers: json,
    body: '{"a":1,"a":2}',
    status: 400,
    code: 'duplicate_key',
  },
  {
    who: 'manager',
    request: 'POST /tasks',
    headers: json,
    body: '{"__proto__":1}',
    status: 400,
    code: 'forbidden_key',
  },
  {
    who: 'manager',
    request: 'POST /tasks',
    headers: json,
    body: '{"$gt":1}',
    status: 400,
    code: 'forbidden_key',
  },
  {
    who: 'manager',
    request: 'POST /tasks',
    headers: { 'content-type': 'application/json; charset=utf-16' },
    body: '{}',
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    who: 'manager',
    request: 'POST /tasks',
    headers: json,
    body: `"${'a'.repeat(110_000)}"`,
    status: 413,
    code: 'body_too_large',
  },
  { who: 'manager', request: 'POST /tasks', status: 200 },
  {
    who: 'manager cookie',
    request: 'POST /tasks',
    headers: { ...json, ...sameOrigin },
    body: '{}',
    status: 200,
  },
  {
    who: 'manager cookie',
    request: 'POST /tasks',
    headers: { ...json, ...foreign },
    body: '{}',
    status: 403,
    code: 'csrf_refused',
  },
  {
    who: 'manager cookie',
    request: 'POST /tasks',
    headers: json,
    body: '{}',
    status: 403,
    code: 'csrf_refused',
  },
  {
    who: 'manager cookie',
    request: 'POST /tasks',
    headers: form,
    body: 'a=1',
    status: 403,
    code: 'csrf_refused',
  },
  {
    who: 'manager cookie',
    request: 'POST /tasks',
    headers: form,
    body: '_csrf=wrong',
    status: 403,
    code: 'csrf_refused',
  },
  {
    who: 'nobody',
    request: 'POST /tasks',
    headers: { ...json, ...foreign },
    body: '{}',
    status: 403,
    code: 'csrf_refused',
  },
  { who: 'user', request: 'DELETE /tasks/7', status: 403, code: 'forbidden' },
  { who: 'nobody', request: 'GET /throws', status: 500, code: 'internal_error' },
  { who: 'nobody', request: 'GET /rejects', status: 500, code: 'internal_error' },
  { who: 'nobody', request: 'GET /missing-thing', status: 404, code: 'not_found' },
  { who: 'nobody', request: 'GET /auth/me', status: 401, code: 'authentication_required' },
  { who: 'user', request: 'GET /auth/me', status: 200 },
  { who: 'nobody', request: 'GET //auth/me', status: 404, code: 'not_found' },
  { who: 'nobody', request: 'GET /Auth/me', status: 404, code: 'not_found' },
  { who: 'nobody', request: 'GET /healthz', status: 200 },
  { who: 'nobody', request: 'GET /admin/nowhere', status: 404 },
  {
    who: 'nobody',
    request: 'POST /auth/login',
    headers: json,
    body: '{"role":"admin"}',
    status: 400,
  },
  {
    who: 'nobody',
    request: 'GET /bare',
    status: 503,
    code: 'route_without_policy',
    expressOnly: true,
  },
  {
    who: 'manager',
    request: 'GET /bare',
    status: 503,
    code: 'route_without_policy',
    expressOnly: true,
  },
  { who: 'nobody', request: 'OPTIONS /orders', status: 200, expressOnly: true },
]
