import { randomBytes } from 'node:crypto'
import { appCode } from '../factors/app.ts'
import { cookiesOf, type ServedApp } from '../served-app.ts'

export type CanaryKind =
  | 'password'
  | 'access token'
  | 'refresh token'
  | 'session cookie'
  | 'device cookie'
  | 'csrf token'
  | 'verification token'
  | 'authenticator secret'
  | 'recovery code'
  | 'flow token'
  | 'configured secret'

/** A secret that was planted, or handed out once to its owner. */
export interface Canary {
  readonly kind: CanaryKind
  readonly value: string
}

/** A password that passes the policy and cannot occur by chance. */
export function newPassword(): string {
  return `canary ${randomBytes(12).toString('hex')} pw`
}

/** What somebody holds after a full walk: registered, confirmed, signed in by every transport. */
export interface Owner {
  readonly email: string
  readonly password: string
  readonly bearer: string
  /** Cookie header of the session by transport `session`. */
  readonly sessionCookie: string
  readonly refreshCookie: string
  readonly refreshToken: string
  readonly csrf: string
}

export interface Walk {
  readonly canaries: readonly Canary[]
  readonly owners: readonly Owner[]
  /** Texts of mails: of people, and with live links. */
  readonly mailTexts: readonly string[]
}

/** Takes `count` people through everything the API offers, and notes every secret on the way. */
export async function walkThrough(app: ServedApp, count: number): Promise<Walk> {
  const canaries: Canary[] = []
  const owners: Owner[] = []
  const plant = (kind: CanaryKind, value: string) => {
    canaries.push({ kind, value })
    return value
  }
  for (let n = 0; n < count; n++) owners.push(await settleOwner(app, n, plant))
  await settleSecondFactor(app, plant)
  return { canaries, owners, mailTexts: app.mailbox.list().map(({ text }) => text) }
}

type Plant = (kind: CanaryKind, value: string) => string

async function settleOwner(app: ServedApp, n: number, plant: Plant): Promise<Owner> {
  const email = `canary${n}@example.com`
  const password = plant('password', newPassword())
  const weighed = { email, password: plant('password', newPassword()) }
  await expectStatus(app, 200, '/auth/password/check', weighed)
  await expectStatus(app, 202, '/auth/register', { email, password, username: `canary-${n}` })
  await expectStatus(app, 202, '/auth/verify-email/resend', { email })
  await app.deliverMail()
  for (const mail of app.mailbox.list(email)) {
    plant('verification token', /[?&]token=([\w-]+)/.exec(mail.text)?.[1] ?? '')
  }
  await expectStatus(app, 200, '/auth/verify-email', { token: app.mailbox.latestToken(email) })
  await expectStatus(app, 401, '/auth/login', { email, password: plant('password', newPassword()) })
  const native = await login(app, { email, password, transport: 'body' }, plant)
  const browser = await login(app, { email, password, transport: 'cookie' }, plant)
  const pages = await login(app, { email, password, transport: 'session' }, plant)
  const next = await expectStatus(app, 200, '/auth/refresh', {
    refreshToken: native.json.refreshToken,
  })
  plant('access token', next.json.accessToken)
  return {
    email,
    password,
    bearer: next.json.accessToken,
    sessionCookie: cookiesOf(pages),
    refreshCookie: cookiesOf(browser),
    refreshToken: plant('refresh token', next.json.refreshToken),
    csrf: browser.json.csrfToken,
  }
}

/** Somebody with an authenticator app, whose next sign-in waits for the second step. */
async function settleSecondFactor(app: ServedApp, plant: Plant): Promise<void> {
  const email = 'second-factor@example.com'
  await app.person(email)
  const { accessToken: token } = await app.signIn(email)
  const call = async (path: string, body: object = {}) =>
    (await app.request('POST', path, { body, token })).json
  const setup = await call('/auth/mfa/totp/setup')
  plant('authenticator secret', setup.secret)
  plant('authenticator secret', setup.manualEntry)
  plant('authenticator secret', setup.otpauthUrl)
  const code = appCode(setup.secret, app.clock.now())
  const { recoveryCodes } = await call('/auth/mfa/totp/enable', { code })
  for (const each of recoveryCodes) plant('recovery code', each)
  plant('flow token', String(((await app.signIn(email)) as { flow?: string }).flow))
}

const cookieKinds: readonly (readonly [name: string, kind: CanaryKind])[] = [
  ['hf_refresh', 'refresh token'],
  ['hf_session', 'session cookie'],
  ['hf_device', 'device cookie'],
]

async function login(app: ServedApp, body: object, plant: Plant) {
  const reply = await expectStatus(app, 200, '/auth/login', body)
  const { accessToken, csrfToken, refreshToken } = reply.json
  plant('csrf token', csrfToken)
  if (accessToken) plant('access token', accessToken)
  if (refreshToken) plant('refresh token', refreshToken)
  for (const [name, kind] of cookieKinds) {
    const value = new RegExp(`__Host-${name}=([^;]+)`).exec(cookiesOf(reply))?.[1]
    if (value) plant(kind, value)
  }
  return reply
}

async function expectStatus(app: ServedApp, status: number, path: string, body: object) {
  const reply = await app.request('POST', path, { body })
  if (reply.status !== status) throw new Error(`${path} answered ${reply.status}: ${reply.text}`)
  return reply
}

/** The spellings in which a secret may hide, the whole of it or the telling end of a signed token. */
export function spellingsOf({ value }: Canary): readonly string[] {
  const telling = value.startsWith('eyJ') ? (value.split('.')[2] ?? value) : value
  const bytes = Buffer.from(telling)
  const decoded = Buffer.from(telling, 'base64url')
  const hex = [bytes, ...(decoded.length >= 32 ? [decoded] : [])].map((b) => b.toString('hex'))
  return [
    ...new Set([telling, encodeURIComponent(telling), ...hex]),
    ...hex.map((text) => text.toUpperCase()),
    bytes.toString('base64').replace(/=+$/, '').slice(0, -1),
    ...(decoded.length >= 32 ? [decoded.toString('base64')] : []),
  ]
}

/** Which secrets stand in a text, in any spelling. */
export function findCanaries(text: string, canaries: readonly Canary[]): Canary[] {
  return canaries.filter((canary) => spellingsOf(canary).some((form) => text.includes(form)))
}
