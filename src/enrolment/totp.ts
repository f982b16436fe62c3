import type { Trx } from '../database/index.ts'
import type { Origin } from '../events/index.ts'
import { factorErrors, type TotpSetup } from '../factors/index.ts'
import type { Auth } from '../http/index.ts'
import { challenges, sessionErrors } from '../sessions/index.ts'
import { bumpCredentials, findUserById, hasSecondFactor, lockUser } from '../users/index.ts'
import { enrolmentErrors } from './errors.ts'
import { type OwnerChanges, recordChange, settle } from './owner.ts'
import type { EnrolmentParts } from './parts.ts'
import { afterRemoval } from './policy.ts'
import type { FactorChanged, FactorRequest, TotpCode, WithCodes } from './requests.ts'

/** The authenticator app of an account, and the codes that stand in for it. */
export class TotpEnrolment {
  readonly #parts: EnrolmentParts
  readonly #changes: OwnerChanges

  constructor(parts: EnrolmentParts, changes: OwnerChanges) {
    this.#parts = parts
    this.#changes = changes
  }

  async beginBy(auth: Auth): Promise<TotpSetup> {
    const { user } = await this.#changes.prove(auth)
    return this.begin(user.id, holderOf(auth))
  }

  async showAgain(auth: Auth): Promise<TotpSetup> {
    const { database, factors } = this.#parts
    const { user } = await this.#changes.prove(auth)
    const whose = { userId: user.id, account: user.email, holder: holderOf(auth) }
    const setup = await factors.shown(database.reader, whose)
    if (!setup) throw enrolmentErrors.totp_not_started()
    return setup
  }

  async begin(userId: string, holder?: string): Promise<TotpSetup> {
    const { database, factors } = this.#parts
    const user = await findUserById(database.reader, userId)
    if (!user) throw sessionErrors.session_revoked({ headers: challenges.revoked })
    return database.transaction((trx) =>
      factors.begin(trx, { userId, account: user.email, holder }),
    )
  }

  /** The try is counted by itself: a wrong code changes nothing else, and must stay counted. */
  async enable({ code, ...request }: TotpCode): Promise<WithCodes & FactorChanged> {
    const { database, factors } = this.#parts
    const { user } = await this.#changes.prove(request.auth)
    const waits = await database.transaction((trx) => factors.countSetupTry(trx, user.id))
    if (!waits) throw enrolmentErrors.totp_not_started()
    return this.#changes.run(request, async (trx, { id: userId }) => {
      if (!(await factors.isPending(trx, userId))) throw enrolmentErrors.totp_not_started()
      if (!(await factors.confirm(trx, { userId, code }))) throw factorErrors.factor_rejected()
      const answer = withCodes(await factors.codesIfNone(trx, userId))
      return { event: enabled(userId), proven: 'otp', answer }
    })
  }

  /** The account's row is taken before the code is looked at; a wrong one has changed nothing. */
  async enableWithin(
    trx: Trx,
    { code, origin, userId }: EnrolTotp,
  ): Promise<WithCodes | undefined> {
    const { factors, revocations } = this.#parts
    await revocations.announce(trx, { kind: 'user', id: userId })
    const user = (await lockUser(trx, userId)) && (await findUserById(trx, userId))
    if (!user || hasSecondFactor(user)) return undefined
    if (!(await factors.confirm(trx, { userId, code }))) return undefined
    await bumpCredentials(trx, userId)
    const codes = await factors.codesIfNone(trx, userId)
    const by = { userId, actor: { kind: 'user', id: userId }, origin } as const
    await settle(trx, this.#parts, { ...by, reason: 'factor_changed' })
    await recordChange(trx, this.#parts, { ...by, event: enabled(userId) })
    return withCodes(codes)
  }

  disable(request: FactorRequest): Promise<FactorChanged> {
    const { factors } = this.#parts
    return this.#changes.run(request, async (trx, { id: userId }) => {
      if (!(await factors.remove(trx, userId))) throw enrolmentErrors.totp_not_enabled()
      await afterRemoval(trx, this.#parts, userId)
      const payload = { userId, factor: 'totp' } as const
      return { event: { name: 'factor.disabled', payload }, answer: {} }
    })
  }

  renewCodes(request: FactorRequest): Promise<Required<WithCodes> & FactorChanged> {
    const { factors } = this.#parts
    return this.#changes.run(request, async (trx, user) => {
      if (!hasSecondFactor(user)) throw enrolmentErrors.factor_missing()
      const recoveryCodes = await factors.newCodes(trx, user.id)
      const payload = { userId: user.id }
      return { event: { name: 'factor.codes_renewed', payload }, answer: { recoveryCodes } }
    })
  }
}

/** The code of an account that signs in and has to enrol first. */
export interface EnrolTotp {
  readonly userId: string
  readonly code: string
  readonly origin: Origin
}

export function withCodes(recoveryCodes: readonly string[] | undefined): WithCodes {
  return recoveryCodes ? { recoveryCodes } : {}
}

/** The session that sets an app up: it alone is shown the secret again. */
function holderOf({ sessionId }: Auth): string {
  return `session:${sessionId}`
}

function enabled(userId: string) {
  return { name: 'factor.enabled', payload: { userId, factor: 'totp' } } as const
}
