import { type Factor, requiredLevel } from '../assurance/index.ts'
import { newToken } from '../crypto/index.ts'
import { json, type Trx } from '../database/index.ts'
import { deviceHash } from '../devices/index.ts'
import { type IssuedSession, SessionIssuer } from '../sessions/issue.ts'
import {
  beginGrace,
  hasSecondFactor,
  lockUser,
  noteSignIn,
  profileOf,
  type UserRow,
} from '../users/index.ts'
import { decide, type SignInDecision } from './decide.ts'
import type { SignInParts } from './parts.ts'
import { recordDemand, recordSuccess } from './record.ts'
import type { Asking } from './requests.ts'
import type { SignedIn } from './result.ts'
import { findStanding, type Standing } from './store.ts'

/** What was proven, of an account whose row this transaction has taken. */
export interface Completion {
  readonly account: Standing
  readonly proven: readonly Factor[]
  readonly asking: Asking
  readonly transport: SignedIn['transport']
  /** Whether a trusted browser is spared what was not proven: where nothing more was offered. */
  readonly spares: boolean
  /** What the lanes of `throttle` remembered before they began anew. */
  readonly lastFailureAt: number | null
}

/** A session with all that its owner is told. */
export interface Issued extends IssuedSession {
  readonly user: UserRow
  readonly roles: readonly string[]
  /** End of a time to comply that runs, in epoch milliseconds. */
  readonly dueAt: number | undefined
  /** The device of this session; no native client has one. */
  readonly device: { readonly id: string; readonly token: string } | undefined
  /** Tokens of the device cookie. */
  readonly devices: readonly string[] | undefined
}

/** What a sign-in came to: a session on `issue`, and none on everything else. */
export interface Conclusion {
  readonly decision: SignInDecision
  readonly issued: Issued | undefined
}

/** What policy demands of an account at this moment. */
interface Demand {
  readonly level: 1 | 2
  /** End of a time to comply that runs. */
  readonly dueAt?: number
}

/** Where this account is known from. */
interface Place {
  /** The token in the cookie that the account knows. */
  readonly token: string | undefined
  readonly trusted: boolean
}

/**
 * The one place that issues sessions. Every door, password, second factor, passkey and enrolment, ends
 * in `conclude`: facts read in the transaction that issues, one decision, and a session on it or none.
 */
export class Issuing {
  readonly #parts: SignInParts
  readonly #issuer: SessionIssuer

  constructor(parts: SignInParts) {
    this.#parts = parts
    this.#issuer = new SessionIssuer(parts.issuing)
  }

  /**
   * Takes the row of an account and reads it anew: what is read here stays so until this transaction
   * ends. Undefined when it is gone. Making room ends sessions, and who ends sessions announces it before
   * taking the row.
   */
  async take(trx: Trx, userId: string): Promise<Standing | undefined> {
    const { maxPerUser, revocations } = this.#parts.issuing
    if (maxPerUser !== undefined) await revocations.announce(trx, { kind: 'user', id: userId })
    return (await lockUser(trx, userId)) ? findStanding(trx, userId) : undefined
  }

  /**
   * Decides with fresh facts, and issues the session if that is the decision. Roles are read here: one
   * that is granted later ends nothing, but from then on the level it demands is asked of every request
   * (`Auth.requiredLevel`).
   */
  async conclude(trx: Trx, completion: Completion): Promise<Conclusion> {
    const { account, asking } = completion
    const { roles } = await this.#parts.access.rolesOf(trx, account.id)
    const place = await this.#place(trx, completion)
    const demand = await this.#demand(trx, account, { roles, origin: asking.origin })
    const decision = decide({
      ...{ now: this.#parts.clock.now(), proven: completion.proven, trusted: place.trusted },
      account: accountOf(account),
      requiredLevel: demand.level,
      secondFactor: hasSecondFactor(account),
      blocked: account.blocked,
      ...{ challengeDue: false, heldBack: undefined },
    })
    if (decision.do !== 'issue') return { decision, issued: undefined }
    const granted = await this.#issue(trx, { ...completion, decision, roles, place })
    return { decision, issued: { ...granted, dueAt: demand.dueAt } }
  }

  /** What the owner of a new session is told. Secrets are there as the transport wants them. */
  answer({ devices, dueAt, refreshToken, roles, row, sessionToken, user }: Issued): SignedIn {
    const { access, csrfToken } = this.#parts
    const { patterns: permissions } = access.permissionsOf(roles)
    return {
      status: 'signed_in',
      user: { ...profileOf(user), roles, permissions },
      sessionId: row.id,
      transport: row.transport,
      csrfToken: csrfToken(row.id),
      ...(refreshToken === undefined ? {} : { refreshToken, ...this.#access(row, roles) }),
      ...(sessionToken === undefined ? {} : { sessionToken }),
      ...(devices === undefined ? {} : { devices }),
      ...(dueAt === undefined ? {} : { mfaRequiredBy: dueAt }),
    }
  }

  /**
   * The level that is demanded now, and the end of a time to comply that runs. It begins for whoever has no
   * second factor yet, at the first sign-in that asks for one, and the owner is told once, as it begins.
   */
  async #demand(
    trx: Trx,
    user: UserRow,
    { origin, roles }: { readonly roles: readonly string[]; readonly origin: Asking['origin'] },
  ): Promise<Demand> {
    const { clock, mfa, recorder } = this.#parts
    const now = clock.now()
    // Who has a second factor needs no time to get one.
    const level = requiredLevel(mfa, { roles, dueAt: null, now })
    if (level === 1 || hasSecondFactor(user) || mfa.graceMs === undefined) return { level }
    const dueAt = user.mfa_due_at ?? now + mfa.graceMs
    if (user.mfa_due_at === null) {
      await beginGrace(trx, user.id, dueAt)
      await recordDemand(recorder, trx, { userId: user.id, dueAt, origin })
    }
    return now < dueAt ? { level: requiredLevel(mfa, { roles, dueAt, now }), dueAt } : { level }
  }

  /**
   * The token in the cookie that this account knows. That of another account is never taken over: who
   * used this browser before may have kept a copy. Native clients are trusted with nothing: anybody can
   * send their user agent.
   */
  async #place(trx: Trx, { account, asking, spares, transport }: Completion): Promise<Place> {
    if (transport === 'body' || asking.devices.length === 0) return nowhere
    const { devices, mfa } = this.#parts
    const known = await devices.known(trx, account.id, asking.devices.map(hashOfToken))
    if (!known) return nowhere
    const token = asking.devices.find((one) => hashOfToken(one) === known.deviceHash)
    const isAllowed = spares && mfa.trustedDevicesMs !== undefined
    return { token, trusted: isAllowed && known.trusted }
  }

  async #issue(
    trx: Trx,
    {
      account: user,
      asking,
      decision: { factors, level },
      lastFailureAt,
      place,
      roles,
      transport,
    }: Completion & {
      readonly decision: Extract<SignInDecision, { readonly do: 'issue' }>
      readonly roles: readonly string[]
      readonly place: Place
    },
  ): Promise<Omit<Issued, 'dueAt'>> {
    const { devices, random, recorder } = this.#parts
    const { clientKey, origin } = asking
    await this.#note(trx, user, { lastFailureAt, ip: origin.ip ?? null })
    const token = transport === 'body' ? undefined : (place.token ?? newToken(random))
    const client = { ip: origin.ip, userAgent: origin.userAgent, device: token }
    const hash = deviceHash({ ...client, network: clientKey })
    const grant = { userId: user.id, transport, factors, level, ...client, deviceHash: hash }
    const session = await this.#issuer.issue(trx, grant)
    const known = await devices.note(trx, { ...client, userId: user.id, deviceHash: hash })
    const first = user.last_sign_in_at === null && user.created_by === null
    const facts = { session: session.row, factors, device: known, first, origin }
    await recordSuccess(recorder, trx, facts)
    if (token === undefined)
      return { ...session, user, roles, device: undefined, devices: undefined }
    const others = asking.devices.filter((one) => one !== token)
    return { ...session, user, roles, device: { id: known.id, token }, devices: [token, ...others] }
  }

  /** The row is taken, so this cannot fail; it is asked all the same, for nothing may be issued if it did. */
  async #note(
    trx: Trx,
    user: UserRow,
    seen: { readonly ip: string | null; readonly lastFailureAt: number | null },
  ): Promise<void> {
    const { credentials_version: credentialsVersion, id, status } = user
    const at = this.#parts.clock.now()
    const noted = await noteSignIn(trx, id, { ...seen, at, status, credentialsVersion })
    if (!noted) throw new Error('an account changed though its row was taken')
  }

  #access(row: IssuedSession['row'], roles: readonly string[]) {
    const { tokens } = this.#parts
    const accessToken = tokens.mint({
      userId: row.user_id,
      sessionId: row.id,
      roles,
      authTime: row.auth_time,
      factors: json.decode(row.factors),
      level: row.level,
      secretVersion: row.secret_version,
    })
    return { accessToken, expiresIn: tokens.lifetimeSeconds }
  }
}

const nowhere: Place = { token: undefined, trusted: false }

/** Whether a browser may be trusted by somebody who holds these roles: not where policy demands a second factor. */
export function mayTrust(
  { clock, mfa }: Pick<SignInParts, 'clock' | 'mfa'>,
  roles: readonly string[],
): boolean {
  if (mfa.trustedDevicesMs === undefined) return false
  return requiredLevel(mfa, { roles, dueAt: null, now: clock.now() }) === 1
}

/** An account as `decide` looks at it. */
export function accountOf(row: Pick<UserRow, 'status' | 'locked_until'>) {
  return { status: row.status, lockedUntil: row.locked_until }
}

/** Native clients send no device cookie, and their user agent is anybody's to send. */
export function hashOfToken(device: string): string {
  return deviceHash({ device, userAgent: undefined })
}
