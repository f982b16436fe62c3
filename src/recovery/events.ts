import type { Factor, FactorMethod } from '../assurance/index.ts'
import type { EventDefinitions } from '../events/index.ts'

/** `password.reset_requested`: a link for a new password was asked for; without `userId` nobody has the address. */
export interface PasswordResetRequested {
  readonly userId?: string
}

/** `password.reset`: a new password was set with a mailed link; every session has ended. */
export interface PasswordReset {
  readonly userId: string
}

/** `password.changed`: its owner replaced it, having proven the one before. */
export interface PasswordChanged {
  readonly userId: string
}

/** `email.change_requested`: its owner named a new address, which has to prove itself. */
export interface EmailChangeRequested {
  readonly userId: string
}

/** `email.changed`: the new address proved itself. The one before is not recorded. */
export interface EmailChanged {
  readonly userId: string
  readonly previousEmail: string
}

/** `email.change_undone`: the address before was put back by whoever reads it. */
export interface EmailChangeUndone {
  readonly userId: string
}

/** `account.reported`: "this was not me"; the account is locked until its owner takes it back. */
export interface AccountReported {
  readonly userId: string
}

/** `account.closed`: by its owner. */
export interface AccountClosed {
  readonly userId: string
}

/** `account.exported`: its owner took the data along. */
export interface AccountExported {
  readonly userId: string
}

/** `user.discarded`: a registration nobody confirmed went, as its address proved to be another account's. */
export interface UserDiscarded {
  readonly userId: string
}

/** `session.stepped_up`: the person behind a session proved again who they are. */
export interface SessionSteppedUp {
  readonly userId: string
  readonly sessionId: string
  /** By what. */
  readonly factor: Factor
}

/** `session.step_up_failed`: a proof of a second factor in a session was not accepted. */
export interface SessionStepUpFailed {
  readonly userId: string
  readonly sessionId: string
  readonly method: FactorMethod
}

declare module '../events/event.ts' {
  interface EventMap {
    'password.reset_requested': PasswordResetRequested
    'password.reset': PasswordReset
    'password.changed': PasswordChanged
    'email.change_requested': EmailChangeRequested
    'email.changed': EmailChanged
    'email.change_undone': EmailChangeUndone
    'account.reported': AccountReported
    'account.closed': AccountClosed
    'account.exported': AccountExported
    'session.step_up_failed': SessionStepUpFailed
    'session.stepped_up': SessionSteppedUp
    'user.discarded': UserDiscarded
  }
}

const asked = { severity: 'info', auditClass: 'security', keep: ['userId'] } as const
const changed = { severity: 'low', auditClass: 'security', keep: ['userId'] } as const
const alarming = { severity: 'high', auditClass: 'security', keep: ['userId'] } as const

export const recoveryEvents: EventDefinitions<
  | 'password.reset_requested'
  | 'password.reset'
  | 'password.changed'
  | 'email.change_requested'
  | 'email.changed'
  | 'email.change_undone'
  | 'account.reported'
  | 'account.closed'
  | 'account.exported'
  | 'session.step_up_failed'
  | 'session.stepped_up'
  | 'user.discarded'
> = {
  'password.reset_requested': asked,
  'password.reset': changed,
  'password.changed': changed,
  'email.change_requested': asked,
  'email.changed': changed,
  'email.change_undone': alarming,
  'account.reported': alarming,
  'account.closed': changed,
  'account.exported': changed,
  'session.step_up_failed': {
    severity: 'warning',
    auditClass: 'security',
    keep: ['userId', 'sessionId', 'method'],
  },
  'session.stepped_up': { ...asked, keep: ['userId', 'sessionId', 'factor'] },
  'user.discarded': changed,
}
