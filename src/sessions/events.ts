import type { EventDefinitions } from '../events/index.ts'

/** `session.ended`: by its owner, an administrator or time. */
export interface SessionEnded {
  readonly sessionId: string
  readonly userId: string
}

/** `sessions.ended`: all of a user, or all but one. */
export interface SessionsEnded {
  readonly userId: string
  readonly count: number
}

/** `token.reused`: a spent refresh token came again; its session was ended. */
export interface RefreshTokenReused {
  readonly sessionId: string
  readonly userId: string
}

/** A key that signs access tokens was made; its id is in the key set. */
export interface SigningKeyCreated {
  readonly keyId: string
  readonly algorithm: string
}

declare module '../events/event.ts' {
  interface EventMap {
    'session.ended': SessionEnded
    'sessions.ended': SessionsEnded
    'token.reused': RefreshTokenReused
    'signing_key.created': SigningKeyCreated
  }
}

export const sessionEvents: EventDefinitions<
  'session.ended' | 'sessions.ended' | 'token.reused' | 'signing_key.created'
> = {
  'session.ended': { severity: 'info', auditClass: 'security', keep: ['sessionId', 'userId'] },
  'sessions.ended': { severity: 'info', auditClass: 'security', keep: ['userId', 'count'] },
  'token.reused': { severity: 'high', auditClass: 'security', keep: ['sessionId', 'userId'] },
  'signing_key.created': {
    severity: 'info',
    auditClass: 'security',
    keep: ['keyId', 'algorithm'],
  },
}
