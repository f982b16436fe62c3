import type { EventDefinitions } from '../events/index.ts'

/** What an administrator, code or the command line did to an account. */
export interface UserChanged {
  readonly userId: string
}

/** `user.locked`: until when, in epoch milliseconds; without it until somebody opens it. */
export interface UserLocked {
  readonly userId: string
  readonly until?: number
}

/** `user.sessions_ended`: how many there were. */
export interface UserSessionsEnded {
  readonly userId: string
  readonly count: number
}

/** `factor.reset_requested`: an administrator asked for it; a second one has to say the same. */
export type FactorResetRequested = UserChanged

/** `factor.reset_withdrawn`: the password or a second factor changed while a request waited. */
export type FactorResetWithdrawn = UserChanged

declare module '../events/event.ts' {
  interface EventMap {
    'user.created': UserChanged
    'user.invited': UserChanged
    'user.disabled': UserChanged
    'user.enabled': UserChanged
    'user.locked': UserLocked
    'user.unlocked': UserChanged
    'user.password_set': UserChanged
    'user.reset_forced': UserChanged
    'user.sessions_ended': UserSessionsEnded
    'user.erased': UserChanged
    'factor.reset_requested': FactorResetRequested
    'factor.reset_withdrawn': FactorResetWithdrawn
  }
}

export type AdminEvent =
  | 'user.created'
  | 'user.invited'
  | 'user.disabled'
  | 'user.enabled'
  | 'user.locked'
  | 'user.unlocked'
  | 'user.password_set'
  | 'user.reset_forced'
  | 'user.sessions_ended'
  | 'user.erased'
  | 'factor.reset_requested'
  | 'factor.reset_withdrawn'

const change = { severity: 'warning', auditClass: 'security', keep: ['userId'] } as const

export const adminEvents: EventDefinitions<AdminEvent> = {
  'user.created': change,
  'user.invited': change,
  'user.disabled': change,
  'user.enabled': change,
  'user.locked': { ...change, keep: ['userId', 'until'] },
  'user.unlocked': change,
  'user.password_set': change,
  'user.reset_forced': change,
  'user.sessions_ended': { ...change, keep: ['userId', 'count'] },
  'user.erased': change,
  'factor.reset_requested': change,
  'factor.reset_withdrawn': change,
}
