import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kit, type Listening, openKit, serve } from '../../test/adapters/site.ts'
import { type BreachService, startBreachService } from '../../test/breach-service.ts'

const good = 'correct horse battery staple 42'
const breached = 'my dog ate the neighbours hat'

interface Verdict {
  readonly ok: boolean
  readonly score: number
  readonly reasons: readonly {
    readonly code: string
    readonly detail: string
    readonly suggestion: string
  }[]
}

const asking = (body: unknown, headers: Readonly<Record<string, string>> = {}) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

describe('POST /auth/password/check', () => {
  let kit: Kit
  let site: Listening
  let service: BreachService
  beforeAll(async () => {
    service = await startBreachService([breached])
    const breaches = { source: 'hibp', url: service.url } as const
    kit = await openKit({ appName: 'Zebedee Quintrell', password: { breaches }, logLevel: 'debug' })
    site = await serve(kit, () => {})
  })
  afterAll(async () => {
    await site?.stop()
    await kit?.close()
    await service?.stop()
  })

  const check = async (body: Readonly<Record<string, string>>) => {
    const { json, status } = await site.fetch('/auth/password/check', asking(body))
    expect(status).toBe(200)
    return json as unknown as Verdict
  }

  it('accepts a good password and tells its score', async () => {
    expect(await check({ password: good })).toEqual({ ok: true, score: 4, reasons: [] })
  })

  it.each<[string, string, RegExp, RegExp]>([
    ['Xy7$', 'password_too_short', /shorter than 15 characters/, /unrelated words/],
    ['x'.repeat(257), 'password_too_long', /longer than 256 characters/, /Leave out/],
    ['passwordstandard', 'password_common', /people use most/, /unrelated words/],
    ['abcabcabcabcabcabcabcabcabc', 'password_guessable', /guess/, /password manager/],
    [breached, 'password_breached', /known from a breach/, /used nowhere else/],
  ])('says why %j is refused and how to do better', async (password, code, why, how) => {
    const { ok, reasons, score } = await check({ password })
    expect(ok).toBe(false)
    expect(score).toBeLessThan(3)
    expect(reasons).toHaveLength(1)
    expect(reasons[0]?.code).toBe(code)
    expect(reasons[0]?.detail).toMatch(why)
    expect(reasons[0]?.suggestion).toMatch(how)
    expect(JSON.stringify(reasons)).not.toContain(password)
  })

  it.each([
    { email: 'wilhelmina@harrowgate.example' },
    { username: 'wilhelmina_harrowgate' },
    { displayName: 'Wilhelmina Harrowgate' },
    { companyName: 'Wilhelmina Harrowgate Ltd.' },
  ])('counts the own words of who asks for nothing: %j', async (words) => {
    const password = 'Wilhelmina-Harrowgate-77'
    expect((await check({ password })).ok).toBe(true)
    expect(await check({ password, ...words })).toMatchObject({
      ok: false,
      reasons: [{ code: 'password_guessable', detail: expect.stringMatching(/count for nothing/) }],
    })
  })

  it('counts the name of the service for nothing', async () => {
    const { reasons } = await check({ password: 'Zebedee-Quintrell-77' })
    expect(reasons).toMatchObject([{ detail: expect.stringMatching(/name of this site/) }])
    expect((await check({ password: 'Wilhelmina-Harrowgate-77' })).ok).toBe(true)
  })

  it('says the same whether or not an account has the address, and knows no words of strangers', async () => {
    await kit.security.users.create({
      email: 'wilhelmina@harrowgate.example',
      password: good,
      displayName: 'Xanthippe Quarrington',
    })
    const stranger = {
      email: 'wilhelmina@harrowgate.example',
      password: 'Xanthippe-Quarrington-77',
    }
    const nobody = { ...stranger, email: 'bartholomew@harrowgate.example' }
    const ask = (body: unknown) => site.fetch('/auth/password/check', asking(body))
    const [known, unknown] = [await ask(stranger), await ask(nobody)]
    expect(known.text).toBe(unknown.text)
    expect(known.json?.ok).toBe(true)
    const names = (answer: typeof known) => [...answer.headers.keys()].sort()
    expect(names(known)).toEqual(names(unknown))
  })

  it('says the same as registration', async () => {
    const words = { email: 'new@example.com', displayName: 'Wilhelmina Harrowgate' }
    for (const password of ['Wilhelmina-Harrowgate-77', 'passwordstandard', breached, good]) {
      const registered = await site.fetch('/auth/register', asking({ ...words, password }))
      const { ok, reasons } = await check({ ...words, password })
      expect(registered.status).toBe(ok ? 202 : 400)
      const codes = (registered.json?.errors as { code: string }[] | undefined)?.map((e) => e.code)
      expect(codes ?? []).toEqual(reasons.map(({ code }) => code))
    }
  })

  it('is not kept by anybody on the way, nor written down', async () => {
    const password = 'canary of a password that is fine'
    const { headers } = await site.fetch('/auth/password/check', asking({ password }))
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('set-cookie')).toBeNull()
    expect(JSON.stringify(kit.log)).not.toContain('canary')
  })

  it.each([
    ['no password', {}],
    ['an empty one', { password: '' }],
    ['a number', { password: 12345678901234 }],
    ['an unknown field', { password: good, role: 'admin' }],
  ])('answers 400 to %s', async (_, body) => {
    expect((await site.fetch('/auth/password/check', asking(body))).status).toBe(400)
  })

  it('goes on with the filter alone while the breach service is away', async () => {
    service.trouble = (response) => void response.writeHead(503).end()
    try {
      expect((await check({ password: 'my cat ate the neighbours hat' })).ok).toBe(true)
      const { reasons } = await check({ password: 'passwordstandard' })
      expect(reasons[0]?.code).toBe('password_common')
      expect(kit.log.filter(({ message }) => message.includes('breach service'))).toEqual([
        expect.objectContaining({ level: 'warn', fields: { reason: 'status 503' } }),
      ])
    } finally {
      service.trouble = undefined
    }
  })
})

describe('its limit', () => {
  it('is for each client, and 429 says when to come back', async () => {
    const kit = await openKit({
      limits: { passwordCheck: { points: 3, window: '1m' } },
      trustedProxies: ['127.0.0.1'],
    })
    const site = await serve(kit, () => {})
    const ask = (client: string) =>
      site.fetch(
        '/auth/password/check',
        asking({ password: 'short' }, { 'x-forwarded-for': client }),
      )
    for (let count = 0; count < 3; count++) expect((await ask('198.51.100.1')).status).toBe(200)
    const refused = await ask('198.51.100.1')
    expect(refused.status).toBe(429)
    expect(refused.json?.code).toBe('rate_limited')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await ask('198.51.100.2')).status).toBe(200)
    await kit.advance(60_000)
    expect((await ask('198.51.100.1')).status).toBe(200)
    await site.stop()
    await kit.close()
  })
})

describe('the default', () => {
  it('asks nobody about breaches', async () => {
    const kit = await openKit()
    const site = await serve(kit, () => {})
    const asked: unknown[] = []
    const original = globalThis.fetch
    globalThis.fetch = (...given) => {
      asked.push(given[0])
      return original(...given)
    }
    try {
      const { json } = await site.fetch('/auth/password/check', asking({ password: breached }))
      expect(json?.ok).toBe(true)
      expect(asked.map(String)).toEqual([expect.stringContaining('/auth/password/check')])
    } finally {
      globalThis.fetch = original
      await site.stop()
      await kit.close()
    }
  })
})
