import type { EventDefinitions } from '../events/index.ts'

/** `role.granted`: somebody holds a further role. */
export interface RoleGranted {
  readonly userId: string
  readonly role: string
  readonly expiresAt?: number
}

/** `role.withdrawn`: somebody holds a role no more. */
export interface RoleWithdrawn {
  readonly userId: string
  readonly role: string
}

declare module '../events/event.ts' {
  interface EventMap {
    'role.granted': RoleGranted
    'role.withdrawn': RoleWithdrawn
  }
}

export const accessEvents: EventDefinitions<'role.granted' | 'role.withdrawn'> = {
  'role.granted': {
    severity: 'warning',
    auditClass: 'security',
    keep: ['userId', 'role', 'expiresAt'],
  },
  'role.withdrawn': { severity: 'warning', auditClass: 'security', keep: ['userId', 'role'] },
}
