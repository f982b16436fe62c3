import type { EventDefinitions } from '../events/index.ts'

/** `sign_in.succeeded`: a session was issued. */
export interface SignInSucceeded {
  readonly userId: string
  readonly sessionId: string
  readonly transport: string
  readonly level: number
  readonly factors: string
}

/** `sign_in.failed`: nothing was issued. Listeners learn why, the client does not. */
export interface SignInFailed {
  /** Absent when nobody has the name. */
  readonly userId?: string
  readonly cause: string
}

declare module '../events/event.ts' {
  interface EventMap {
    'sign_in.succeeded': SignInSucceeded
    'sign_in.failed': SignInFailed
  }
}

export const signInEvents: EventDefinitions<'sign_in.succeeded' | 'sign_in.failed'> = {
  'sign_in.succeeded': {
    severity: 'info',
    auditClass: 'security',
    keep: ['userId', 'sessionId', 'transport', 'level', 'factors'],
  },
  'sign_in.failed': { severity: 'low', auditClass: 'security', keep: ['userId', 'cause'] },
}
