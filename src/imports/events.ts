import type { EventDefinitions } from '../events/index.ts'

/** `user.imported`: an account came from another system. */
export interface UserImported {
  readonly userId: string
}

declare module '../events/event.ts' {
  interface EventMap {
    'user.imported': UserImported
  }
}

export const importEvents: EventDefinitions<'user.imported'> = {
  'user.imported': { severity: 'info', auditClass: 'security', keep: ['userId'] },
}
