import type { HttpAnswer } from '../nodes/nodes.ts'
import { from, goodPassword, openSite, type Site } from './identity-kit.ts'

/** Another password that the policy takes. */
export const newPassword = 'another horse battery staple 43'

export interface SignedIn {
  readonly id: string
  readonly email: string
  readonly sessionId: string
  readonly bearer: Readonly<Record<string, string>>
}

/** What recovery's tests do again and again, on one site. */
export interface RecoveryKit {
  /** An active account that signs in from a client. */
  someone(name: string, client?: string): Promise<SignedIn>
  signIn(email: string, password?: string, client?: string): Promise<SignedIn>
  /** The token of the newest link mailed to an address. */
  link(to: string): Promise<string>
  /** Asks for a reset and answers the token that was mailed. */
  forgot(email: string): Promise<string>
  reset(token: string, password?: string): Promise<HttpAnswer>
  /** Asks for the data of an account, which needs a recent proof. */
  exported(who: SignedIn): Promise<HttpAnswer>
  /** Whether a session still opens anything. */
  isAlive(who: SignedIn): Promise<boolean>
  /** Every audit row of an action. */
  records(action: string): Promise<readonly Readonly<Record<string, unknown>>[]>
}

/** A site that takes a proof for recent for five minutes, and asks nobody for a CAPTCHA. */
export function openRecoverySite(): Promise<Site> {
  return openSite({ captcha: { provider: 'none' }, stepUp: { within: '5m' } })
}

export function recoveryKit(site: Site): RecoveryKit {
  const signIn = async (email: string, password = goodPassword, client = '192.0.2.1') => {
    const { json, status, text } = await site.login(email, password, client)
    if (status !== 200 || json.status !== 'signed_in') throw new Error(`${email}: ${text}`)
    // Mails that wait together leave in any order: one that tells of this goes before what comes next.
    await site.deliverMail()
    const bearer = { authorization: `Bearer ${json.accessToken}` }
    return { id: json.user.id, email, sessionId: json.sessionId, bearer }
  }
  const link = async (to: string) => {
    await site.deliverMail()
    return site.mailbox.latestToken(to)
  }
  return {
    signIn,
    link,
    someone: async (name, client) => {
      const email = `${name}@example.com`
      await site.security.users.create({ email, password: goodPassword })
      return signIn(email, goodPassword, client)
    },
    forgot: async (email) => {
      // Mails that wait together leave in any order.
      await site.deliverMail()
      await site.post('/auth/password/forgot', { email })
      return link(email)
    },
    reset: (token, password = newPassword) =>
      site.post('/auth/password/reset', { token, password }),
    exported: (who) => site.get('/auth/account/export', as(who)),
    isAlive: async ({ bearer }) => (await site.get('/auth/me', bearer)).status === 200,
    records: async (action) =>
      (await site.security.parts.ground.audit.find({ action, limit: 500 })).map((row) => ({
        ...row,
      })),
  }
}

/** The headers of a client of its own with a session. */
export function as(who: SignedIn, client = '192.0.2.1'): Record<string, string> {
  return { ...who.bearer, ...from(client) }
}
