import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { mailErrors } from '../../src/mail/index.ts'
import type { OutgoingMail } from '../../src/ports/index.ts'
import { Gate, type GateMode } from '../outage/gate.ts'
import { goodPassword, type Reply, type ServedApp, serveApp } from '../served-app.ts'
import { describeEngines, type EngineName, freshDatabase } from '../services/fresh-database.ts'

/** The table of docs/guides/run-the-server.md: what each route says while the database is away. */
const whileAway = {
  'GET /healthz': 200,
  'GET /.well-known/jwks.json': 200,
  'GET /open': 200,
  'GET /readyz': 503,
  'POST /auth/login': 503,
  'POST /auth/register': 503,
  'POST /auth/verify-email': 503,
  'POST /auth/verify-email/resend': 503,
  'POST /auth/password/forgot': 503,
  'POST /auth/password/reset': 503,
  'POST /auth/refresh': 503,
  'POST /auth/logout': 503,
  'GET /auth/me': 503,
  'GET /auth/sessions': 503,
  'a session that this node remembers': 200,
  'a session that this node does not remember': 503,
  'no credential': 401,
} as const
type Question = keyof typeof whileAway

interface People {
  readonly warm: string
  readonly cold: string
  readonly refreshToken: string
  readonly session: string
}

async function ask(app: ServedApp, people: People): Promise<Record<Question, Reply>> {
  const { cold, refreshToken, session, warm } = people
  const post = (path: string, body: object) => app.request('POST', path, { body })
  const login = { email: 'warm@example.com', password: goodPassword }
  const questions: Record<Question, Promise<Reply>> = {
    'GET /healthz': app.request('GET', '/healthz'),
    'GET /.well-known/jwks.json': app.request('GET', '/.well-known/jwks.json'),
    'GET /open': app.request('GET', '/open'),
    'GET /readyz': app.request('GET', '/readyz'),
    'POST /auth/login': post('/auth/login', login),
    'POST /auth/register': post('/auth/register', { ...login, email: 'new@example.com' }),
    'POST /auth/verify-email': post('/auth/verify-email', { token: 'A'.repeat(43) }),
    'POST /auth/verify-email/resend': post('/auth/verify-email/resend', { email: 'a@example.com' }),
    'POST /auth/password/forgot': post('/auth/password/forgot', { email: 'a@example.com' }),
    'POST /auth/password/reset': post('/auth/password/reset', {
      ...{ token: 'A'.repeat(43), password: goodPassword },
    }),
    'POST /auth/refresh': post('/auth/refresh', { refreshToken }),
    'POST /auth/logout': app.request('POST', '/auth/logout', { token: session, body: {} }),
    'GET /auth/me': app.request('GET', '/auth/me', { token: warm }),
    'GET /auth/sessions': app.request('GET', '/auth/sessions', { token: warm }),
    'a session that this node remembers': app.request('GET', '/api/orders', { token: warm }),
    'a session that this node does not remember': app.request('GET', '/api/orders', {
      token: cold,
    }),
    'no credential': app.request('GET', '/api/orders'),
  }
  const replies = await Promise.all(Object.values(questions))
  return Object.fromEntries(
    Object.keys(questions).map((question, index) => [question, replies[index]]),
  ) as Record<Question, Reply>
}

function expectAnswers(replies: Record<Question, Reply>, expected: Record<Question, number>) {
  const statuses = Object.fromEntries(
    Object.entries(replies).map(([question, { status }]) => [question, status]),
  )
  expect(statuses).toEqual(expected)
  for (const { headers, status } of Object.values(replies)) {
    if (status === 503) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  }
}

async function signInPeople(app: ServedApp): Promise<People> {
  for (const name of ['warm', 'cold', 'other']) await app.person(`${name}@example.com`, ['manager'])
  const warm = await app.signIn('warm@example.com')
  const session = await app.signIn('other@example.com')
  const cold = await app.signIn('cold@example.com')
  for (const { accessToken } of [warm, session]) {
    const reply = await app.request('GET', '/api/orders', { token: accessToken })
    expect(reply.status).toBe(200)
  }
  return {
    warm: warm.accessToken,
    session: session.accessToken,
    cold: cold.accessToken,
    refreshToken: warm.refreshToken,
  }
}

describeEngines('a database that is away', (engine) => {
  if (engine === 'sqlite') return aLockedFile()

  it.each<GateMode>(['cut', 'hang'])(
    '(%s) has its verdict on every route',
    async (mode) => {
      await behindGate(engine, async (app, gate) => {
        const people = await signInPeople(app)
        gate.mode = mode
        expectAnswers(await ask(app, people), whileAway)
        app.clock.advance(10_001)
        const late = await app.request('GET', '/api/orders', { token: people.warm })
        expect(late).toMatchObject({ status: 503, json: { code: 'revocation_unconfirmed' } })
        expect(late.headers.get('retry-after')).toBe('1')

        gate.mode = 'open'
        await backToNormal(app)
        const body = { refreshToken: people.refreshToken }
        expect((await app.request('POST', '/auth/refresh', { body })).status).toBe(200)
        for (const token of [people.warm, people.cold, people.session]) {
          expect((await app.request('GET', '/api/orders', { token })).status).toBe(200)
        }
        expect((await app.signIn('warm@example.com')).accessToken).toBeDefined()
        expect((await app.request('GET', '/readyz')).status).toBe(200)
      })
    },
    120_000,
  )

  it('that is merely slow is waited for', async () => {
    await behindGate(engine, async (app, gate) => {
      const people = await signInPeople(app)
      gate.mode = 'slow'
      const replies = await Promise.all([
        app.request('GET', '/api/orders', { token: people.warm }),
        app.request('GET', '/api/orders', { token: people.cold }),
        app.request('POST', '/auth/refresh', { body: { refreshToken: people.refreshToken } }),
      ])
      expect(replies.map(({ status }) => status)).toEqual([200, 200, 200])
    })
  }, 60_000)
})

async function behindGate(
  engine: EngineName,
  work: (app: ServedApp, gate: Gate) => Promise<void>,
): Promise<void> {
  const fresh = await freshDatabase(engine)
  const gate = await Gate.before(fresh.url)
  const app = await serveApp({ database: gate.url })
  try {
    await work(app, gate)
  } finally {
    gate.mode = 'open'
    await app.stop()
    await gate.close()
    await fresh.drop()
  }
}

/** Asks until the node has found its database again; the time-out of the test is the limit. */
async function backToNormal(app: ServedApp): Promise<void> {
  const confirm = () =>
    app.advance(1_000).then(
      () => true,
      () => false,
    )
  while (!(await confirm())) await new Promise((resolve) => setTimeout(resolve, 20))
}

function aLockedFile(): void {
  it('because another process holds its lock: changes are 503, what is read goes on', async () => {
    const fresh = await freshDatabase('sqlite')
    const app = await serveApp({ database: fresh.url })
    const holder = new DatabaseSync(fresh.url.slice('sqlite:'.length))
    try {
      const people = await signInPeople(app)
      holder.exec('begin immediate')
      expectAnswers(await ask(app, people), {
        ...whileAway,
        'GET /readyz': 200,
        'GET /auth/me': 200,
        'GET /auth/sessions': 200,
        'a session that this node does not remember': 200,
        'POST /auth/verify-email': 400,
        'POST /auth/password/reset': 400,
      })
      holder.exec('rollback')
      const body = { refreshToken: people.refreshToken }
      expect((await app.request('POST', '/auth/refresh', { body })).status).toBe(200)
      expect((await app.signIn('warm@example.com')).accessToken).toBeDefined()
    } finally {
      holder.close()
      await app.stop()
      await fresh.drop()
    }
  }, 120_000)
}

describe('a mail server that is away', () => {
  it('gets each mail later, once, with the Message-ID of its first attempt', async () => {
    const attempts: OutgoingMail[] = []
    const delivered: OutgoingMail[] = []
    let away = true
    const send = async (mail: OutgoingMail) => {
      attempts.push(mail)
      if (away) throw mailErrors.mail_server_unavailable()
      delivered.push(mail)
    }
    const app = await serveApp({ mail: { mailer: { send }, from: 'Test <test@example.com>' } })
    try {
      const body = { email: 'ada@example.com', password: goodPassword }
      expect((await app.request('POST', '/auth/register', { body })).status).toBe(202)
      for (let n = 0; n < 3; n++) {
        await app.deliverMail()
        await app.advance(120_000)
      }
      expect(delivered).toEqual([])
      away = false
      for (let n = 0; n < 3; n++) {
        await app.deliverMail()
        await app.advance(120_000)
      }
      expect(attempts.length).toBeGreaterThan(2)
      expect(new Set(attempts.map(({ messageId }) => messageId)).size).toBe(1)
      expect(delivered).toHaveLength(1)
      const token = /[?&]token=([\w-]+)/.exec(delivered[0]?.text ?? '')?.[1]
      const verified = await app.request('POST', '/auth/verify-email', { body: { token } })
      expect(verified.status).toBe(200)
    } finally {
      await app.stop()
    }
  })
})
