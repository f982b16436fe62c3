import { afterEach, describe, expect, it } from 'vitest'
import { openSite, type Site } from '../../test/pages/site.ts'
import type { SecurityOptions } from '../config/index.ts'

const day = 86_400_000

describe('reports of browsers', () => {
  let site: Site
  afterEach(() => site.close())

  async function open(options: Partial<SecurityOptions> = {}): Promise<void> {
    site = await openSite(options)
    site.security.parts.ground.shieldRoutes.learn(['/orders/:id', '/app'])
  }

  /** What `report-uri` sends. */
  function old(change: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      'csp-report': {
        'document-uri': `${site.url}/orders/4711?token=secret-of-the-query`,
        referrer: `${site.url}/from?secret-of-the-referrer`,
        'effective-directive': 'img-src',
        'violated-directive': "img-src 'self'",
        'original-policy': 'default-src',
        disposition: 'enforce',
        'blocked-uri': 'https://cdn.example/pictures/secret-of-the-path.png?x=1',
        'source-file': 'https://scripts.example/app.js?secret-of-the-source',
        'script-sample': 'secret-of-the-sample',
        'status-code': 200,
        'line-number': 7,
        ...change,
      },
    }
  }

  /** What `report-to` sends. */
  function entry(change: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      type: 'csp-violation',
      age: 12,
      url: `${site.url}/app`,
      user_agent: 'Browser',
      body: {
        documentURL: `${site.url}/app`,
        effectiveDirective: 'script-src-elem',
        blockedURL: 'inline',
        sourceFile: null,
        disposition: 'report',
        sample: 'secret-of-the-sample',
        statusCode: 200,
        ...change,
      },
    }
  }

  function send(
    body: unknown,
    type = 'application/csp-report',
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    return fetch(`${site.url}/csp-reports`, {
      method: 'POST',
      headers: { 'content-type': type, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  }

  const many = 'application/reports+json'
  const findings = async () => (await site.security.csp.summary()).findings
  const rows = async () => {
    await site.security.csp.flush()
    const { reader } = site.security.parts.ground.database
    return await reader.selectFrom('hf_csp_reports').selectAll().execute()
  }

  it('are counted by directive, origin, source and route, whichever way they came', async () => {
    await open()
    for (const body of [old(), old()]) expect((await send(body)).status).toBe(204)
    expect((await send([entry(), entry()], many)).status).toBe(204)
    const now = site.clock.now()
    expect(await findings()).toEqual([
      {
        ...{ disposition: 'enforce', directive: 'img-src', blocked: 'https://cdn.example' },
        ...{ source: 'https://scripts.example', route: '/orders/:id' },
        ...{ reports: 2, clients: 1, days: 1, firstAt: now, lastAt: now },
      },
      {
        ...{ disposition: 'report', directive: 'script-src-elem', blocked: 'inline' },
        ...{ source: '', route: '/app' },
        ...{ reports: 2, clients: 1, days: 1, firstAt: now, lastAt: now },
      },
    ])
  })

  it('leave neither queries nor paths nor samples behind', async () => {
    await open()
    await send(old())
    await send(old({ 'blocked-uri': 'data:text/html,secret-of-the-data' }))
    await send(old({ 'blocked-uri': 'secret-of-a-word', 'source-file': 'secret-of-a-word' }))
    await send([entry({ blockedURL: 'blob:https://a.example/secret-of-the-blob' })], many)
    const text = JSON.stringify(await rows())
    expect(text).not.toContain('secret')
    expect(text).not.toContain('4711')
  })

  it("the app's own address is told as self", async () => {
    await open()
    await send(old({ 'blocked-uri': `${site.url}/picture.png` }))
    expect((await findings())[0]?.blocked).toBe('self')
  })

  it('about foreign pages, and of directives that do not exist, count for nothing', async () => {
    await open()
    for (const page of ['https://evil.example/', 'ftp://localhost/', 'not an address']) {
      expect((await send(old({ 'document-uri': page }))).status).toBe(204)
    }
    expect((await send(old({ 'effective-directive': 'any-text-at-all' }))).status).toBe(204)
    expect((await send([{ type: 'deprecation', body: { id: 'x' } }], many)).status).toBe(204)
    expect(await findings()).toEqual([])
  })

  it('name a path that no route has, and a frame without an address, by no word of theirs', async () => {
    await open()
    await send(old({ 'document-uri': `${site.url}/chosen/by/a/stranger` }))
    await send(old({ 'document-uri': 'about:srcdoc' }))
    const routes = (await findings()).map(({ route }) => route)
    expect(routes.sort()).toEqual(['(no page)', '(unknown route)'])
  })

  it('of a delivery, twenty are read', async () => {
    await open()
    const list = Array.from({ length: 30 }, (_, at) =>
      entry({ blockedURL: `https://c${at}.example/` }),
    )
    expect((await send(list, many)).status).toBe(204)
    expect((await site.security.csp.summary()).reports).toBe(20)
  })

  const one = 'application/csp-report'
  it.each([
    ['half an object', '{', one, 400, 'malformed_json'],
    ['nothing', '', one, 400, 'malformed_json'],
    ['another type', '[]', 'application/json', 415, 'unsupported_media_type'],
    ['a key twice', '{"csp-report":{},"csp-report":{}}', one, 400, 'duplicate_key'],
    ['__proto__', '{"csp-report":{"__proto__":{}}}', one, 400, 'forbidden_key'],
    ['a number for a report', '{"csp-report":7}', one, 400, 'invalid_request'],
    ['a list for an address', '{"csp-report":{"blocked-uri":[]}}', one, 400, 'invalid_request'],
    ['a number for a type', '[{"type":7}]', many, 400, 'invalid_request'],
    ['a number', '7', many, 400, 'invalid_request'],
    ['20 KB', `{"csp-report":{"x":"${'y'.repeat(20_480)}"}}`, one, 413, 'body_too_large'],
    ['64 KB', `[${' '.repeat(65_536)}]`, many, 413, 'body_too_large'],
    ['lists in lists', `[${'['.repeat(20)}${']'.repeat(20)}]`, many, 400, 'too_deep'],
  ])('%s is refused and counts for nothing', async (_what, body, type, status, code) => {
    await open()
    const response = await send(body, type)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ code })
    expect(await findings()).toEqual([])
  })

  it('have a limit of their own, and take nothing from that of the visitor', async () => {
    await open({ limits: { general: { points: 5 }, cspReports: { points: 3, window: '15m' } } })
    const answers = []
    for (let at = 0; at < 4; at += 1) answers.push((await send(old())).status)
    expect(answers).toEqual([204, 204, 204, 429])
    expect((await site.security.csp.summary()).reports).toBe(3)
    expect((await site.get('/app')).headers.get('ratelimit')).toContain('r=4')
  })

  it('are counted before they are read', async () => {
    await open({ limits: { cspReports: { points: 2, window: '15m' } } })
    const answers = []
    for (const body of ['{', '{', '{']) answers.push((await send(body)).status)
    expect(answers).toEqual([400, 400, 429])
  })

  it('take a point each, however many come at once', async () => {
    await open({ limits: { cspReports: { points: 30, window: '15m' } } })
    const list = Array.from({ length: 20 }, () => entry())
    const answers = []
    for (let at = 0; at < 3; at += 1) answers.push((await send(list, many)).status)
    expect(answers).toEqual([204, 204, 429])
    expect((await site.security.csp.summary()).reports).toBe(30)
  })

  it('of one client leave room for what another sees, and are believed in development alone', async () => {
    await open({ mode: 'production', trustedProxies: ['loopback'] })
    const from = (client: string) => ({ 'x-forwarded-for': client, 'x-forwarded-proto': 'https' })
    for (let at = 0; at < 15; at += 1) {
      const list = Array.from({ length: 20 }, (_, of) =>
        entry({
          ...{ effectiveDirective: 'img-src', disposition: 'enforce' },
          blockedURL: `https://made-up-${at}-${of}.example`,
        }),
      )
      expect((await send(list, many, from('192.0.2.1'))).status).toBe(204)
    }
    for (const client of ['192.0.2.2', '192.0.2.3']) await send(old(), one, from(client))
    const found = await findings()
    expect(found).toHaveLength(52)
    expect(found.find(({ blocked }) => blocked === '(other)')).toMatchObject({ reports: 250 })
    const suggestion = await site.security.csp.suggest()
    expect(suggestion?.sources).toHaveLength(51)
    expect(suggestion?.directives).toEqual({
      'img-src': ["'self'", 'data:', 'https://cdn.example'],
    })
  })

  it('are taken from any page, and nobody is known by what they carry', async () => {
    await open()
    const crossSite = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    expect((await send(old(), 'application/csp-report', crossSite)).status).toBe(204)
    const wrong = { authorization: 'Bearer not-a-token', 'x-api-key': 'not-a-key' }
    expect((await send(old(), 'application/csp-report', wrong)).status).toBe(204)
  })

  it('are told day by day, and clients are counted once a day', async () => {
    await open()
    await send(old())
    await send(old())
    await site.advance(day)
    await send(old())
    expect(await findings()).toMatchObject([{ reports: 3, clients: 2, days: 2 }])
    expect((await site.security.csp.summary({ days: 1 })).reports).toBe(1)
    for (const days of [0, 31, 1.5, Number.NaN]) {
      await expect(site.security.csp.summary({ days })).rejects.toMatchObject({
        code: 'csp_days_invalid',
      })
    }
  })

  it('are taken nowhere when they go elsewhere or nobody wants them', async () => {
    await open({ headers: { contentSecurityPolicy: { reports: false } } })
    expect(await (await send(old())).text()).toBe('outside')
    const page = await site.get('/app', { accept: 'text/html' })
    expect(page.headers.get('content-security-policy')).not.toContain('report')
  })
})
