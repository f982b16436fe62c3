import type { FactorMethod } from '../assurance/index.ts'
import type { Trx } from '../database/index.ts'
import type { Origin, Recorder } from '../events/index.ts'
import type { IssuedSession } from '../sessions/issue.ts'
import type { SignInDecision } from './decide.ts'
import type { FactorDemanded } from './events.ts'

/** A session that was issued, for the record. */
export interface IssuedFacts {
  readonly session: IssuedSession['row']
  readonly factors: readonly string[]
  readonly device: { readonly id: string; readonly isNew: boolean }
  /** True when nobody had signed in to the account before, and its owner had just registered it. */
  readonly first: boolean
  readonly origin: Origin
}

export async function recordSuccess(
  recorder: Recorder,
  trx: Trx,
  { device, factors, first, origin, session }: IssuedFacts,
): Promise<void> {
  await recorder.record(trx, {
    name: 'sign_in.succeeded',
    actor: { kind: 'user', id: session.user_id },
    resource: { kind: 'session', id: session.id },
    origin: { ...origin, sessionId: session.id, deviceId: device.id },
    payload: {
      userId: session.user_id,
      sessionId: session.id,
      transport: session.transport,
      level: session.level,
      factors: factors.join(' '),
      newDevice: device.isNew,
      first,
      deviceId: device.id,
    },
  })
}

/** The time to comply of an account has begun, for the record and for its owner. */
export function recordDemand(
  recorder: Recorder,
  trx: Trx,
  { dueAt, origin, userId }: FactorDemanded & { readonly origin: Origin },
): Promise<void> {
  return recorder.record(trx, {
    name: 'factor.demanded',
    actor: { kind: 'user', id: userId },
    resource: { kind: 'user', id: userId },
    origin,
    payload: { userId, dueAt },
  })
}

/** A sign-in that issued nothing, for the record. */
export interface FailedFacts {
  /** Undefined when nobody has the name. */
  readonly userId: string | undefined
  readonly decision: SignInDecision
  readonly origin: Origin
}

export async function recordFailure(
  recorder: Recorder,
  trx: Trx,
  { decision, origin, userId }: FailedFacts,
): Promise<void> {
  const cause = decision.do === 'deny' ? decision.reason : decision.do
  await recorder.record(trx, {
    ...{ name: 'sign_in.failed', actor: { kind: 'anonymous' }, outcome: 'failure', origin },
    ...aboutUser(userId),
    payload: { ...(userId === undefined ? {} : { userId }), cause },
  })
}

/** Tells the owner, through the observers of the record, that strangers guess. */
export async function recordAttack(
  recorder: Recorder,
  trx: Trx,
  { origin, userId }: Pick<FailedFacts, 'origin' | 'userId'>,
): Promise<void> {
  await recorder.record(trx, {
    ...{ name: 'sign_in.attacked', actor: { kind: 'anonymous' }, outcome: 'failure', origin },
    ...aboutUser(userId),
    payload: userId === undefined ? {} : { userId },
  })
}

/** A proof of a second factor that was not accepted, for the record. */
export interface FactorFacts {
  readonly userId: string
  readonly method: FactorMethod
  readonly origin: Origin
}

export async function recordFactorFailure(
  recorder: Recorder,
  trx: Trx,
  { method, origin, userId }: FactorFacts,
): Promise<void> {
  await recorder.record(trx, {
    ...{ name: 'sign_in.factor_failed', actor: { kind: 'anonymous' }, outcome: 'failure', origin },
    ...aboutUser(userId),
    payload: { userId, method },
  })
}

/** Tells the owner, through the observers of the record, that somebody who knows the password guesses on. */
export async function recordFactorAttack(
  recorder: Recorder,
  trx: Trx,
  { origin, userId }: Omit<FactorFacts, 'method'>,
): Promise<void> {
  await recorder.record(trx, {
    ...{
      name: 'sign_in.factor_attacked',
      actor: { kind: 'anonymous' },
      outcome: 'failure',
      origin,
    },
    ...aboutUser(userId),
    payload: { userId },
  })
}

function aboutUser(userId: string | undefined) {
  return userId === undefined ? {} : { resource: { kind: 'user', id: userId } }
}
