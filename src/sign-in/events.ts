import type { FactorMethod } from '../assurance/index.ts'
import type { EventDefinitions } from '../events/index.ts'

/** `sign_in.succeeded`: a session was issued. */
export interface SignInSucceeded {
  readonly userId: string
  readonly sessionId: string
  readonly transport: string
  readonly level: number
  readonly factors: string
  /** True when the account had not been used from this device before. */
  readonly newDevice: boolean
  /** True for the first sign-in ever of an account that registered itself: its device is no news. */
  readonly first: boolean
  readonly deviceId: string
}

/** `sign_in.failed`: nothing was issued. Listeners learn why, the client does not. */
export interface SignInFailed {
  /** Absent when nobody has the name. */
  readonly userId?: string
  readonly cause: string
}

/** `sign_in.attacked`: strangers guess at a password. Once per credential and day. */
export interface SignInAttacked {
  /** Absent when nobody has the name. */
  readonly userId?: string
}

/** `sign_in.factor_failed`: the password was right, and a proof of the second factor was not. */
export interface SignInFactorFailed {
  readonly userId: string
  readonly method: FactorMethod
}

/** `sign_in.factor_attacked`: somebody who knows the password guesses at the second factor. Once a day. */
export interface SignInFactorAttacked {
  readonly userId: string
}

/** `factor.demanded`: policy demands a second factor, and the time to set one up has begun. */
export interface FactorDemanded {
  readonly userId: string
  /** When it ends, in epoch milliseconds. */
  readonly dueAt: number
}

declare module '../events/event.ts' {
  interface EventMap {
    'sign_in.succeeded': SignInSucceeded
    'sign_in.failed': SignInFailed
    'sign_in.attacked': SignInAttacked
    'sign_in.factor_failed': SignInFactorFailed
    'sign_in.factor_attacked': SignInFactorAttacked
    'factor.demanded': FactorDemanded
  }
}

export const signInEvents: EventDefinitions<
  | 'sign_in.succeeded'
  | 'sign_in.failed'
  | 'sign_in.attacked'
  | 'sign_in.factor_failed'
  | 'sign_in.factor_attacked'
  | 'factor.demanded'
> = {
  'factor.demanded': { severity: 'info', auditClass: 'security', keep: ['userId', 'dueAt'] },
  'sign_in.succeeded': {
    severity: 'info',
    auditClass: 'security',
    keep: [
      'userId',
      'sessionId',
      'transport',
      'level',
      'factors',
      'newDevice',
      'first',
      'deviceId',
    ],
  },
  'sign_in.attacked': { severity: 'warning', auditClass: 'security', keep: ['userId'] },
  'sign_in.failed': { severity: 'low', auditClass: 'security', keep: ['userId', 'cause'] },
  'sign_in.factor_failed': {
    severity: 'warning',
    auditClass: 'security',
    keep: ['userId', 'method'],
  },
  'sign_in.factor_attacked': { severity: 'high', auditClass: 'security', keep: ['userId'] },
}
