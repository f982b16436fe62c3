import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jsonLogger, type Logger } from '../../src/ports/index.ts'
import {
  type Canary,
  findCanaries,
  newPassword,
  type Walk,
  walkThrough,
} from '../secrets/canaries.ts'
import { type Dump, dumpDatabase, rawBytes, valuesOf } from '../secrets/dump.ts'
import { goodPassword, type ServedApp, serveApp } from '../served-app.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'

const people = 15
const masterKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')

/** Every line at level debug: as our logger writes it, and raw, as an app's own logger is given it. */
function listeningLogger() {
  const lines: string[] = []
  const raw: string[] = []
  const ours = jsonLogger({ level: 'debug', now: Date.now, write: (line) => void lines.push(line) })
  const listen =
    (level: keyof Logger): Logger['info'] =>
    (message, fields) => {
      ours[level](message, fields)
      raw.push(`${message} ${inspect(fields, { depth: 12, showHidden: true, getters: true })}`)
    }
  const logger: Logger = {
    debug: listen('debug'),
    info: listen('info'),
    warn: listen('warn'),
    error: listen('error'),
  }
  return { lines, raw, logger }
}

/** What the columns of secrets hold; every column that is missing here holds none. */
const kept: Readonly<Record<string, 'hashed' | 'sealed' | 'public'>> = {
  'hf_passwords.hash': 'hashed',
  'hf_registrations.password_hash': 'hashed',
  'hf_registrations.token_hash': 'hashed',
  'hf_sessions.token_hash': 'hashed',
  'hf_sessions.device_hash': 'hashed',
  'hf_refresh_tokens.token_hash': 'hashed',
  'hf_refresh_tokens.parent_hash': 'hashed',
  'hf_refresh_tokens.client_hash': 'hashed',
  'hf_links.token_hash': 'hashed',
  'hf_devices.device_hash': 'hashed',
  'hf_totp.secret': 'sealed',
  'hf_recovery_codes.code_hash': 'hashed',
  'hf_sign_in_flows.token_hash': 'hashed',
  'hf_sign_in_flows.browser_hash': 'hashed',
  'hf_outbox.recipient_tag': 'hashed',
  'hf_outbox.sealed': 'sealed',
  'hf_signing_keys.sealed_private': 'sealed',
  // Thumbprints and public halves of signing keys; everybody can read them in the key set.
  'hf_signing_keys.id': 'public',
  'hf_signing_keys.public_jwk': 'public',
  'hf_audit.resource_id': 'public',
  'hf_audit.metadata': 'public',
}
const shapes = {
  hashed: /^(?:[A-Za-z0-9_-]{43}|\$argon2id\$v=19\$[\w=,]+\$[\w+/]{22,}\$[\w+/]{43,})$/,
  public: /^/,
  sealed: /^hf1\.[A-Za-z0-9_-]{12}\.[A-Za-z0-9_-]{40,}$/,
}

describeEngines('rule 34: a database dump', (engine) => {
  let fresh: FreshDatabase
  let app: ServedApp
  let walk: Walk
  let dump: Dump
  let canaries: readonly Canary[]
  const { lines, logger, raw } = listeningLogger()

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    app = await serveApp({
      ...{ masterKey, database: fresh.url, logger },
      captcha: { provider: 'none' },
    })
    walk = await walkThrough(app, people)
    await leaveMailWaiting(app)
    canaries = [...walk.canaries, { kind: 'configured secret', value: masterKey }]
    dump = await dumpDatabase(engine, fresh.url)
  }, 180_000)
  afterAll(async () => {
    await app?.stop()
    await fresh?.drop()
  })

  it('holds no password, no token and no key in any spelling', () => {
    expect(canaries.length).toBeGreaterThanOrEqual(200)
    const text = inspect(dump, { depth: 9, maxArrayLength: null, maxStringLength: null })
    expect(text).toContain(walk.owners[0]?.email)
    expect(findCanaries(text, canaries)).toEqual([])
    if (engine === 'sqlite') {
      expect(findCanaries(rawBytes(fresh.url).toString('latin1'), canaries)).toEqual([])
    }
  })

  it('holds no text of a mail and no link, sent or waiting', () => {
    const waiting = dump.hf_outbox?.filter(({ state }) => state === 'pending') ?? []
    expect(waiting.length).toBeGreaterThanOrEqual(3)
    const text = inspect(dump, { depth: 9, maxArrayLength: null, maxStringLength: null })
    const all = engine === 'sqlite' ? text + rawBytes(fresh.url).toString('latin1') : text
    const sentences = walk.mailTexts.flatMap((mail) => mail.split('\n'))
    expect(sentences.length).toBeGreaterThan(people)
    for (const line of new Set(sentences.filter(({ length }) => length > 12))) {
      expect(all).not.toContain(line)
    }
    expect(all).not.toMatch(/\?token=/)
  })

  it('keeps what is secret hashed or sealed, in the columns of the list and in no other', () => {
    const seen = new Set<string>()
    for (const [column, value] of valuesOf(dump)) {
      const how = kept[column]
      if (how === undefined) {
        expect.soft(value, `${column} looks like a secret`).not.toMatch(shapes.sealed)
        expect.soft(value, `${column} looks like a hash`).not.toMatch(shapes.hashed)
      } else {
        seen.add(column)
        expect.soft(value, column).toMatch(shapes[how])
      }
    }
    expect([...seen].sort()).toEqual(Object.keys(kept).sort())
  })

  it('opens nothing: no value of any column is a bearer token, cookie, refresh token or link', async () => {
    const values = new Map(valuesOf(dump).map(([column, value]) => [value, column]))
    const usable = [...values].filter(([value]) => /^[\x21-\x7e]{8,4000}$/.test(value))
    expect(usable.length).toBeGreaterThan(200)
    const opened: string[] = []
    for (const [value, column] of usable) {
      const statuses = await Promise.all(waysIn(app, value))
      if (column === 'hf_passwords.hash') statuses.push(await signInWith(app, value))
      if (statuses.some((status) => status < 400 || status >= 500)) {
        opened.push(`${value}: ${statuses.join(' ')}`)
      }
    }
    expect(opened).toEqual([])
  }, 120_000)

  it('and the ways in are open to those who hold the secret itself', async () => {
    const [owner] = walk.owners
    const { bearer = '', sessionCookie = '' } = owner ?? {}
    expect((await app.request('GET', '/auth/me', { token: bearer })).status).toBe(200)
    expect((await app.request('GET', '/auth/me', { cookie: sessionCookie })).status).toBe(200)
    const body = { refreshToken: owner?.refreshToken }
    expect((await app.request('POST', '/auth/refresh', { body })).status).toBe(200)
  })

  it('and neither logs nor audit rows told any of it', async () => {
    expect(findCanaries([...lines, ...raw].join('\n'), canaries)).toEqual([])
    expect(findCanaries(JSON.stringify(dump.hf_audit), canaries)).toEqual([])
  })
})

async function leaveMailWaiting(app: ServedApp): Promise<void> {
  for (let n = 0; n < 3; n++) {
    const email = `waiting${n}@example.com`
    await app.request('POST', '/auth/register', { body: { email, password: goodPassword } })
  }
}

/** Tries a value wherever a secret opens something. */
function waysIn(app: ServedApp, value: string): Promise<number>[] {
  const status = async (method: string, path: string, given: object) =>
    (await app.request(method, path, given)).status
  const cookieSafe = /^[^",;\\]+$/.test(value)
  return [
    status('GET', '/auth/me', { token: value }),
    status('POST', '/auth/refresh', { body: { refreshToken: value } }),
    status('POST', '/auth/verify-email', { body: { token: value, password: goodPassword } }),
    ...(cookieSafe
      ? [
          status('GET', '/auth/me', { cookie: `__Host-hf_session=${value}` }),
          status('POST', '/auth/refresh', { cookie: `__Host-hf_refresh=${value}` }),
        ]
      : []),
  ]
}

async function signInWith(app: ServedApp, password: string): Promise<number> {
  const body = { email: 'canary0@example.com', password: password.slice(0, 256) }
  return (await app.request('POST', '/auth/login', { body })).status
}

describe('rule 34: 200 canaries through every route', () => {
  const { lines, logger, raw } = listeningLogger()
  const events: unknown[] = []
  let app: ServedApp
  let walk: Walk
  beforeAll(async () => {
    app = await serveApp({ masterKey, logger }, (express, security) => {
      express.post('/crash', security.open(), (request) => {
        throw Object.assign(new Error(`cannot use ${request.headers['x-given']}`), { request })
      })
      for (const name of ['sign_in.failed', 'sign_in.succeeded', 'user.registered'] as const) {
        security.on(name, (event) => void events.push(event))
      }
    })
    walk = await walkThrough(app, people)
  }, 120_000)
  afterAll(() => app?.stop())

  it('no answer to a misplaced secret repeats it, and none reaches log, record or listener', async () => {
    expect(walk.canaries.length).toBeGreaterThanOrEqual(200)
    const counted = new Map<string, number>()
    for (const canary of walk.canaries) {
      for (const [what, reply] of await misplace(app, canary)) {
        const found = findCanaries(reply.text + JSON.stringify([...reply.headers]), [canary])
        expect(found, `${what} repeats a ${canary.kind}`).toEqual([])
        const key = `${what} ${reply.status}`
        counted.set(key, (counted.get(key) ?? 0) + 1)
      }
    }
    console.log(`answers to misplaced secrets: ${inspect(counted, { breakLength: 100 })}`)
    expect([...counted.keys()].filter((key) => / 5\d\d$/.test(key))).toEqual([])
    const audit = await app.security.parts.ground.audit.find({ limit: 500 })
    expect(findCanaries([...lines, ...raw].join('\n'), walk.canaries)).toEqual([])
    expect(findCanaries(JSON.stringify(audit), walk.canaries)).toEqual([])
    expect(
      findCanaries(inspect(events, { depth: 9, maxArrayLength: null }), walk.canaries),
    ).toEqual([])
  }, 120_000)

  it("a crash of the app's own code tells neither the client nor our log what it held", async () => {
    const before = lines.length
    for (const canary of walk.canaries) {
      const { kind, value } = canary
      const reply = await app.request('POST', '/crash', {
        body: { password: value, token: value },
        headers: { 'x-given': kind === 'password' ? 'a password' : value },
      })
      expect(reply.status).toBe(500)
      expect(findCanaries(reply.text, [canary])).toEqual([])
    }
    expect(lines.length).toBe(before + walk.canaries.length)
    expect(findCanaries(lines.slice(before).join('\n'), walk.canaries)).toEqual([])
  }, 60_000)

  it('a security looked at in a debugger or a crash report shows none of its secrets', () => {
    const secret: Canary = { kind: 'configured secret', value: masterKey }
    const view = inspect(app.security, { depth: 12, showHidden: true, maxArrayLength: null })
    expect(findCanaries(view + JSON.stringify(app.security.config), [secret])).toEqual([])
  })
})

/** Sends a secret to where it does not belong. */
async function misplace(app: ServedApp, { value }: Canary) {
  const uri = encodeURIComponent(value)
  const cookie = `__Host-hf_session=${uri}; __Host-hf_refresh=${uri}; other=${uri}`
  const body = { email: 'someone@example.com', password: { inside: value } }
  const calls = {
    query: app.request('GET', `/auth/me?token=${uri}`),
    path: app.request('GET', `/auth/sessions/${uri}`),
    'wrong type': app.request('POST', '/auth/login', { body }),
    'as a name': app.request('POST', '/auth/login', {
      body: { identifier: value, password: value },
    }),
    'as an address': app.request('POST', '/auth/register', {
      body: { email: value, password: newPassword() },
    }),
    'as a link': app.request('POST', '/auth/verify-email', { body: { token: `${value}x` } }),
    'half a JSON': sendRaw(app, `{"password":${JSON.stringify(value)}`),
    basic: app.request('GET', '/api/orders', { headers: { authorization: `Basic ${uri}` } }),
    cookie: app.request('POST', '/auth/refresh', { cookie }),
    csrf: app.request('POST', '/auth/logout', { headers: { 'x-csrf-token': uri }, cookie }),
    'request id': app.request('GET', '/api/orders', {
      headers: { 'x-request-id': uri, 'x-api-key': uri },
    }),
  }
  const replies = await Promise.all(Object.values(calls))
  return Object.keys(calls).flatMap((what, index) => {
    const reply = replies[index]
    return reply ? [[what, reply] as const] : []
  })
}

async function sendRaw(app: ServedApp, body: string) {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${app.base}/auth/login`, { method: 'POST', headers, body })
  return { status: response.status, headers: response.headers, text: await response.text() }
}
