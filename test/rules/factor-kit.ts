import { decodeBase32 } from '../../src/factors/index.ts'
import { codeOf, stepOf } from '../../src/factors/totp.ts'
import type { Auth } from '../../src/http/index.ts'
import type { HttpAnswer } from '../nodes/nodes.ts'
import { goodPassword, type Site } from './identity-kit.ts'

/** Somebody with a session of transport `body`. */
export interface Member {
  readonly id: string
  readonly email: string
  readonly sessionId: string
  readonly accessToken: string
  readonly refreshToken: string
  readonly bearer: Readonly<Record<string, string>>
}

/** Somebody with an authenticator app. */
export interface Enrolled {
  readonly owner: Member
  readonly secret: string
  readonly codes: readonly string[]
}

/** What tests of second factors do again and again, on one site. */
export interface FactorKit {
  /** An active account that has just signed in with its password. */
  someone(name: string, roles?: readonly string[]): Promise<Member>
  signIn(email: string): Promise<Member>
  /** The caller as the class `Enrolment` is given it. */
  auth(who: Member): Promise<Auth>
  call(method: string, path: string, who: Member, body?: unknown): Promise<HttpAnswer>
  /** The code that an authenticator app shows for a secret, some steps from now. */
  code(secret: string, steps?: number): string
  /** The same session with a token that says what it has proven by now. */
  renewed(who: Member, refreshToken?: string): Promise<Member>
  /** Sets an authenticator app up; the session that it happened in has level 2 from then on. */
  enrol(who: Member): Promise<Enrolled>
  /** Gives an account a factor as an import would: its sessions stay what they are, of level 1. */
  adopt(who: Member): Promise<void>
  /** Whether a code would sign in now; it is spent. */
  spends(who: Member, code: string): Promise<boolean>
  isAlive(who: Member): Promise<boolean>
  /** Audit rows of an action about an account, the newest first. */
  records(action: string, userId: string): Promise<readonly Readonly<Record<string, unknown>>[]>
}

export function factorKit(site: Site): FactorKit {
  const { clock, security } = site
  const call: FactorKit['call'] = (method, path, { bearer }, body) =>
    site.request(method, path, {
      headers: { ...bearer, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const signIn = async (email: string): Promise<Member> => {
    const { json, text } = await site.login(email, goodPassword)
    if (json.status !== 'signed_in') throw new Error(`${email}: ${text}`)
    const { accessToken, refreshToken, sessionId, user } = json
    const bearer = { authorization: `Bearer ${accessToken}` }
    return { id: user.id, email, sessionId, accessToken, refreshToken, bearer }
  }
  const code = (secret: string, steps = 0) =>
    codeOf(decodeBase32(secret) ?? new Uint8Array(), stepOf(clock.now()) + steps)
  const renewed: FactorKit['renewed'] = async (who, refreshToken = who.refreshToken) => {
    const { json, text } = await site.post('/auth/refresh', { refreshToken })
    if (json.accessToken === undefined) throw new Error(text)
    const { accessToken } = json
    const bearer = { authorization: `Bearer ${accessToken}` }
    return { ...who, accessToken, refreshToken: json.refreshToken, bearer }
  }
  const inTrx: typeof security.parts.ground.database.transaction = (work) =>
    security.parts.ground.database.transaction(work)
  return {
    call,
    code,
    signIn,
    renewed,
    someone: async (name, roles = ['user']) => {
      const email = `${name}@example.com`
      await security.users.create({ email, password: goodPassword, roles })
      return signIn(email)
    },
    auth: async ({ accessToken }) => {
      const verified = await security.tokens.verify(accessToken)
      if (!verified.ok) throw verified.error
      return verified.auth
    },
    enrol: async (who) => {
      const { json } = await call('POST', '/auth/mfa/totp/setup', who)
      const body = { code: code(json.secret) }
      const enabled = await call('POST', '/auth/mfa/totp/enable', who, body)
      if (enabled.status !== 200) throw new Error(enabled.text)
      const { recoveryCodes: codes = [], refreshToken } = enabled.json
      return { secret: json.secret, codes, owner: await renewed(who, refreshToken) }
    },
    adopt: async ({ id: userId }) => {
      const secret = crypto.getRandomValues(new Uint8Array(20))
      await inTrx(async (trx) => {
        await security.parts.ground.revocations.announce(trx, { kind: 'user', id: userId })
        await security.parts.rooms.factors.adopt(trx, { userId, secret })
      })
    },
    spends: async ({ id: userId }, typed) => {
      const method = typed.includes('-') ? 'recovery_code' : 'totp'
      const { factors } = security.parts.rooms
      return (
        (await inTrx((trx) => factors.spend(trx, { userId, method, code: typed }))) !== undefined
      )
    },
    isAlive: async ({ bearer }) => (await site.get('/auth/me', { ...bearer })).status === 200,
    records: async (action, userId) => {
      const rows = await security.parts.ground.audit.find({ action, limit: 500 })
      return rows.filter(({ resource_id }) => resource_id === userId).map((row) => ({ ...row }))
    },
  }
}

/** The status and the code of a refusal. */
export function verdictOf({ json, status }: HttpAnswer): string {
  return json?.code === undefined ? String(status) : `${status} ${json.code}`
}
