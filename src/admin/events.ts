import type { EventDefinitions } from '../events/index.ts'

/** `user.created`, `user.disabled`, `user.enabled`. */
export interface UserChanged {
  readonly userId: string
}

declare module '../events/event.ts' {
  interface EventMap {
    'user.created': UserChanged
    'user.disabled': UserChanged
    'user.enabled': UserChanged
    'user.password_set': UserChanged
  }
}

const change = { severity: 'warning', auditClass: 'security', keep: ['userId'] } as const

export const adminEvents: EventDefinitions<
  'user.created' | 'user.disabled' | 'user.enabled' | 'user.password_set'
> = {
  'user.created': change,
  'user.disabled': change,
  'user.enabled': change,
  'user.password_set': change,
}
