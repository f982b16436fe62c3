import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dumpDatabase } from '../secrets/dump.ts'
import { goodPassword, type ServedApp, serveApp } from '../served-app.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'

const baseUrl = 'https://app.example.com'
const evil = 'evil.example.net'

/** Every header that some proxy or framework takes an address from. */
const forgeries: readonly Readonly<Record<string, string>>[] = [
  { host: evil },
  { host: `app.example.com:443@${evil}` },
  { 'x-forwarded-host': evil },
  { 'x-forwarded-host': evil, 'x-forwarded-proto': 'http', 'x-forwarded-port': '81' },
  { forwarded: `host=${evil};proto=http` },
  { 'x-host': evil, 'x-original-host': evil, 'x-forwarded-server': evil },
  { 'x-original-url': `//${evil}/`, 'x-rewrite-url': `//${evil}/` },
  { origin: baseUrl, referer: `https://${evil}/` },
]

describe('rule 46: a forged Host', () => {
  let app: ServedApp
  beforeAll(async () => {
    app = await serveApp({ baseUrl, mode: 'production', trustedProxies: ['127.0.0.0/8'] })
  })
  afterAll(() => app?.stop())

  it.each(forgeries)('%j reaches no mail, no metadata and no redirect', async (headers) => {
    const email = `ada${forgeries.indexOf(headers)}@example.com`
    const body = JSON.stringify({ email, password: goodPassword })
    await send(app, { method: 'POST', path: '/auth/register', headers, body })
    await send(app, {
      method: 'POST',
      path: '/auth/verify-email/resend',
      headers,
      body: JSON.stringify({ email }),
    })
    await app.deliverMail()
    for (const mail of app.mailbox.list()) {
      const links = `${mail.text} ${mail.html}`.match(/https?:\/\/[^\s"'<>]+/g) ?? []
      expect(links.length).toBeGreaterThan(0)
      for (const link of links) expect(new URL(link).origin).toBe(baseUrl)
      expect(JSON.stringify(mail)).not.toContain(evil)
    }
    for (const path of [
      '/.well-known/openid-configuration',
      '/openapi.json',
      '/account',
      '/auth/me',
    ]) {
      expect(await send(app, { method: 'GET', path, headers, body: '' })).not.toContain(evil)
    }
  })

  it('reaches no claim of a token', async () => {
    await app.person('bob@example.com')
    const body = JSON.stringify({
      email: 'bob@example.com',
      password: goodPassword,
      transport: 'body',
    })
    const answer = await send(app, {
      method: 'POST',
      path: '/auth/login',
      headers: { host: evil },
      body,
    })
    const claims = /"accessToken":"[^.]+\.([^.]+)\./.exec(answer)?.[1] ?? ''
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      iss: baseUrl,
      aud: baseUrl,
    })
  })
})

interface Raw {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** By socket: fetch would not let a Host header be forged. Answers the whole response. */
function send(app: ServedApp, { body, headers, method, path }: Raw): Promise<string> {
  const lines = Object.entries({
    ...{ host: 'app.example.com', 'x-forwarded-proto': 'https', ...headers },
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  const length = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(app.base).port), '127.0.0.1')
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes
    })
    socket.on('error', reject)
    socket.on('end', () => resolve(text))
    const end = body === '' ? '' : length
    socket.write(
      `${method} ${path} HTTP/1.1\r\n${lines.join('')}${end}connection: close\r\n\r\n${body}`,
    )
  })
}

describeEngines('rule 46: the GET of a mailed link', (engine) => {
  let fresh: FreshDatabase
  let app: ServedApp
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    app = await serveApp({ database: fresh.url })
  })
  afterAll(async () => {
    await app?.stop()
    await fresh?.drop()
  })

  it('changes nothing, however often and however a scanner asks, and the link still works once', async () => {
    const body = { email: 'ada@example.com', password: goodPassword }
    await app.request('POST', '/auth/register', { body })
    await app.deliverMail()
    const link = /https?:\/\/\S+token=\S+/.exec(app.mailbox.latest(body.email).text)?.[0] ?? ''
    const { pathname, search } = new URL(link)
    const before = await dumpDatabase(engine, fresh.url)
    for (const headers of scanners) {
      for (const method of ['GET', 'HEAD', 'GET']) {
        const reply = await app.request(method, pathname + search, { headers })
        expect(reply.status).toBe(200)
        expect(reply.headers.getSetCookie()).toEqual([])
        expect(reply.headers.get('cache-control')).toContain('no-store')
        expect(reply.headers.get('referrer-policy')).toMatch(noReferrerElsewhere)
      }
    }
    expect(await dumpDatabase(engine, fresh.url)).toEqual(before)
    const token = new URL(link).searchParams.get('token')
    const verify = () => app.request('POST', '/auth/verify-email', { body: { token } })
    expect((await verify()).status).toBe(200)
    expect(await verify()).toMatchObject({ status: 400, json: { code: 'link_invalid' } })
  })
})

/** Another site learns no token from the Referer header. */
const noReferrerElsewhere =
  /^(?:no-referrer|same-origin|strict-origin|strict-origin-when-cross-origin)$/

const scanners: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'user-agent': 'Mozilla/5.0 (compatible; LinkScanner/1.0)', accept: '*/*' },
  { 'sec-purpose': 'prefetch;prerender', purpose: 'prefetch' },
  { accept: 'application/json', 'x-http-method-override': 'POST', 'x-method-override': 'POST' },
]
