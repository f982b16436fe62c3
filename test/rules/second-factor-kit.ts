import { createHmac } from 'node:crypto'
import type { SecurityOptions } from '../../src/config/index.ts'
import { decodeBase32 } from '../../src/factors/index.ts'
import type { HttpAnswer } from '../nodes/nodes.ts'
import { cheapHashes, recordsOf } from './guessing-kit.ts'
import { from, goodPassword, openSite, type Site } from './identity-kit.ts'

export const stepMs = 30_000

/** A site without CAPTCHA whose hashes cost little. */
export async function openFactorSite(options: Partial<SecurityOptions> = {}): Promise<Site> {
  const site = await openSite({ captcha: 'none', ...options })
  cheapHashes(site)
  return site
}

/** RFC 6238 as authenticator apps do it: SHA-1, six digits, 30 seconds. */
export function codeAt(secret: string, now: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(now / stepMs)))
  const key = decodeBase32(secret)
  if (!key) throw new Error('no Base32')
  const mac = createHmac('sha1', key).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 15
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** What a browser sends with every request of a page of ours. */
const asBrowser = { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' }

/** A browser, or a native client where headers of one are given: it keeps the cookies that it gets. */
export interface Visitor {
  readonly cookies: Map<string, string>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<HttpAnswer>
  login(email: string, more?: Readonly<Record<string, unknown>>): Promise<HttpAnswer>
  /** The second step with what `login` answered. */
  prove(flow: string, proof: Readonly<Record<string, unknown>>): Promise<HttpAnswer>
}

export function visitor(
  site: Pick<Site, 'post'>,
  client = '192.0.2.1',
  always: Readonly<Record<string, string>> = asBrowser,
): Visitor {
  const cookies = new Map<string, string>()
  const post = async (path: string, body: unknown = {}, headers: Record<string, string> = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const kept = cookie === '' ? {} : { cookie }
    const answer = await site.post(path, body, { ...from(client), ...always, ...kept, ...headers })
    for (const line of answer.headers.getSetCookie()) keep(cookies, line)
    return answer
  }
  const login = (email: string, more: Readonly<Record<string, unknown>> = {}) =>
    post('/auth/login', { identifier: email, password: goodPassword, ...more })
  const prove = (flow: string, proof: Readonly<Record<string, unknown>>) =>
    post('/auth/login/mfa', { flow, ...proof })
  return { cookies, post, login, prove }
}

function keep(cookies: Map<string, string>, line: string): void {
  const [name = '', value = ''] = line.split(';')[0]?.split(/=(.*)/s) ?? []
  if (/; Max-Age=0/.test(line)) cookies.delete(name)
  else cookies.set(name, value)
}

/** Somebody whose authenticator app is enrolled. */
export interface TotpPerson {
  readonly id: string
  readonly email: string
  readonly secret: string
  readonly recoveryCodes: readonly string[]
}

export async function makePerson(site: Site, email: string): Promise<string> {
  return (await site.security.users.create({ email, password: goodPassword })).id
}

/** Enrols an authenticator app through HTTP, and lets its first step pass. */
export async function makeTotpPerson(site: Site, email: string): Promise<TotpPerson> {
  const id = await makePerson(site, email)
  const bearer = await bearerOf(site, email)
  const setup = await site.post('/auth/mfa/totp/setup', {}, bearer)
  const { secret } = setup.json
  const code = codeAt(secret, site.clock.now())
  const enabled = await site.post('/auth/mfa/totp/enable', { code }, bearer)
  if (enabled.status !== 200) throw new Error(`${enabled.status} ${enabled.text}`)
  await site.advance(stepMs)
  return { id, email, secret, recoveryCodes: enabled.json.recoveryCodes }
}

export async function bearerOf(site: Site, email: string): Promise<Record<string, string>> {
  const { json } = await visitor(site, '192.0.2.77', {}).login(email, { transport: 'body' })
  return { authorization: `Bearer ${json.accessToken}` }
}

/** A code of a step that nobody has spent: time moves on to it. */
export async function freshCode(
  site: Site,
  { secret }: Pick<TotpPerson, 'secret'>,
): Promise<string> {
  await site.advance(stepMs)
  return codeAt(secret, site.clock.now())
}

/** A code that no step near now has. */
export function wrongCode(site: Site, { secret }: Pick<TotpPerson, 'secret'>): string {
  const near = [-2, -1, 0, 1, 2].map((steps) => codeAt(secret, site.clock.now() + steps * stepMs))
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find(
    (code) => !near.includes(code),
  ) as string
}

/** How many sessions there ever were. */
export async function sessionsEver({ security }: Pick<Site, 'security'>): Promise<number> {
  const rows = await security.parts.ground.database.reader
    .selectFrom('hf_sessions')
    .select('id')
    .execute()
  return rows.length
}

/** The status, and the code of a refusal. */
export function outcome(answer: HttpAnswer): string {
  return answer.status === 200
    ? (answer.json.status ?? '200')
    : `${answer.status} ${answer.json.code}`
}

/** Everything of a refusal that a client sees, but for what differs by request. */
export function seen(answer: HttpAnswer): string {
  const own = ['x-request-id', 'date', 'ratelimit']
  const headers = [...answer.headers].filter(([name]) => !own.includes(name))
  const text = answer.text.replace(/"requestId":"[^"]*"/, '')
  return JSON.stringify([answer.status, headers, text]).replace(/nonce-[\w+/=-]*/g, '')
}

export { recordsOf }
