import type { Factor } from '../assurance/index.ts'
import type { Trx } from '../database/index.ts'
import type { Actor, EventInput, Origin } from '../events/index.ts'
import type { Auth } from '../http/index.ts'
import { challenges, type LiveSession, sessionErrors } from '../sessions/index.ts'
import { demandFreshProof } from '../shield/index.ts'
import {
  claimCredentials,
  findUserById,
  hasSecondFactor,
  mayHoldSession,
  type UserRow,
  userErrors,
} from '../users/index.ts'
import { freshToken } from './fresh-token.ts'
import type { EnrolmentParts } from './parts.ts'
import type { FactorChanged, FactorRequest } from './requests.ts'

/** The events that tell of a change of second factors. */
export type FactorEvent =
  | Pick<EventInput<'factor.enabled'>, 'name' | 'payload'>
  | Pick<EventInput<'factor.disabled'>, 'name' | 'payload'>
  | Pick<EventInput<'factor.codes_renewed'>, 'name' | 'payload'>

/** What one change did. */
export interface Done<T> {
  readonly event: FactorEvent
  /** What the change itself has proven: this session has proven it as well. */
  readonly proven?: Factor
  readonly answer: T
}

/** An account whose owner has a fresh proof. */
export interface Owner {
  readonly user: UserRow
  readonly session: LiveSession
}

/** How owners change their second factors: each change by the same rules, whatever door it came through. */
export class OwnerChanges {
  readonly #parts: EnrolmentParts

  constructor(parts: EnrolmentParts) {
    this.#parts = parts
  }

  /**
   * The account of a caller whose proof is fresh, and of level 2 where a second factor is enrolled. The
   * session and the account are read anew, and the lesser of what they say and what `auth` says counts:
   * neither an old token nor an old verdict passes, and a token from before the session's secret was last
   * replaced is to be refreshed first. Throws `step_up_required` and `token_expired`.
   */
  async prove(auth: Auth): Promise<Owner> {
    const { clock, database, sessions, stepUpMs, verdicts } = this.#parts
    const session = await verdicts.load({ sessionId: auth.sessionId })
    if (!session.ok) throw session.error()
    const user = await findUserById(database.reader, auth.userId)
    if (!user || session.auth.userId !== user.id) throw ended()
    const proof = {
      ...auth,
      level: session.auth.level === 2 ? auth.level : 1,
      authTime: Math.min(auth.authTime, session.auth.authTime),
      secondFactor: hasSecondFactor(user),
    } as const
    demandFreshProof(proof, { now: clock.now(), withinMs: stepUpMs })
    sessions.demandCurrent(auth, session)
    return { user, session }
  }

  /**
   * Runs a change in one transaction: announced, the account's row taken if no credential changed since
   * the proof was looked at, changed; then every other session ends, no device is trusted any more, it is
   * recorded, and this session gets a new secret, so that copies of the one before are dead. Throws what
   * `prove` throws, and `account_changed`.
   */
  async run<T extends object>(
    { auth, origin }: FactorRequest,
    work: (trx: Trx, user: UserRow) => Promise<Done<T>>,
  ): Promise<T & FactorChanged> {
    const { database, revocations } = this.#parts
    const owner = await this.prove(auth)
    const changed = await database.transaction(async (trx) => {
      await revocations.announce(trx, { kind: 'user', id: auth.userId })
      const done = await work(trx, await this.#claim(trx, owner))
      const actor = { kind: 'user', id: auth.userId } as const
      const by = { userId: auth.userId, actor, origin }
      await settle(trx, this.#parts, { ...by, reason: 'factor_changed', exceptId: auth.sessionId })
      await recordChange(trx, this.#parts, { ...by, event: done.event })
      const secret = await this.#renew(trx, { ...owner, auth }, done.proven)
      return { ...done.answer, secret }
    })
    return { ...changed, ...(await freshToken(this.#parts, auth.sessionId, changed.secret)) }
  }

  async #claim(trx: Trx, { user }: Owner): Promise<UserRow> {
    const claimed = await claimCredentials(trx, user.id, user.credentials_version)
    if (!claimed) throw userErrors.account_changed()
    const now = await findUserById(trx, user.id)
    if (!now || !mayHoldSession(now, this.#parts.clock.now())) throw ended()
    return now
  }

  /** A session that was signed out meanwhile changes nothing. */
  async #renew(
    trx: Trx,
    { auth, session }: Owner & { readonly auth: Auth },
    proven: Factor | undefined,
  ) {
    const { sessions } = this.#parts
    const { id } = session.row
    const live = !proven || (await sessions.noteProof(trx, id, { factors: [proven] }))
    const secret = live ? await sessions.renew(trx, auth, session.row) : undefined
    const held = secret?.refreshToken ?? secret?.sessionToken
    if (!secret || held === undefined) throw ended()
    return secret
  }
}

/** Whose second factors change, and by whom. */
export interface ChangedBy {
  readonly userId: string
  readonly actor: Actor
  readonly origin?: Origin
}

/** What every change of second factors ends: sessions, but one if asked, and the trust of devices. */
export async function settle(
  trx: Trx,
  { devices, sessions }: Pick<EnrolmentParts, 'devices' | 'sessions'>,
  { userId, ...end }: ChangedBy & { readonly reason: string; readonly exceptId?: string },
): Promise<void> {
  await sessions.endAll(trx, userId, end)
  await devices.distrustAll(trx, userId)
}

export async function recordChange(
  trx: Trx,
  { recorder }: Pick<EnrolmentParts, 'recorder'>,
  { event, userId, ...by }: ChangedBy & { readonly event: FactorEvent },
): Promise<void> {
  await recorder.record(trx, { ...by, ...event, resource: { kind: 'user', id: userId } })
}

function ended() {
  return sessionErrors.session_revoked({ headers: challenges.revoked })
}
