import type { EventDefinitions } from '../events/index.ts'
import type { RoleDefinition } from '../permissions/index.ts'

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

/** `role.defined`: an administrator, code or the command line made a role or changed it. */
export interface RoleDefined {
  readonly role: string
  /** 1 for a new one. */
  readonly version: number
  readonly permissions: RoleDefinition['permissions']
  readonly deny: RoleDefinition['permissions']
  readonly inherits: readonly string[]
  /** What it was before; absent for a new one. */
  readonly before?: Required<RoleDefinition>
}

/** `role.removed`: a role is no more. */
export interface RoleRemoved extends Required<RoleDefinition> {
  readonly role: string
}

/** `access.refused`: all refusals of one permission to one caller within a minute. */
export interface AccessRefused {
  /** Who asked; empty where too many asked at once to tell them apart. */
  readonly userId: string
  readonly permission: string
  /** As in an explanation: `no_rule`, `denied`, `condition`, `level`, `scope` or `unknown`. */
  readonly why: string
  /** The role of the rule that decided, and its pattern; absent where no rule did. */
  readonly role?: string
  readonly pattern?: string
  /** The API key that called. */
  readonly keyId?: string
  readonly organisation?: string
  readonly refusals: number
  /** First refusal, epoch milliseconds. */
  readonly since: number
}

declare module '../events/event.ts' {
  interface EventMap {
    'role.granted': RoleGranted
    'role.withdrawn': RoleWithdrawn
    'role.defined': RoleDefined
    'role.removed': RoleRemoved
    'access.refused': AccessRefused
  }
}

type AccessEvent =
  | 'role.granted'
  | 'role.withdrawn'
  | 'role.defined'
  | 'role.removed'
  | 'access.refused'

export const accessEvents: EventDefinitions<AccessEvent> = {
  'role.defined': {
    severity: 'warning',
    auditClass: 'security',
    keep: ['role', 'version', 'permissions', 'deny', 'inherits', 'before'],
  },
  'role.removed': {
    severity: 'warning',
    auditClass: 'security',
    keep: ['role', 'permissions', 'deny', 'inherits'],
  },
  'role.granted': {
    severity: 'warning',
    auditClass: 'security',
    keep: ['userId', 'role', 'expiresAt'],
  },
  'role.withdrawn': { severity: 'warning', auditClass: 'security', keep: ['userId', 'role'] },
  'access.refused': {
    severity: 'low',
    auditClass: 'security',
    keep: [
      ...(['userId', 'permission', 'why', 'role', 'pattern'] as const),
      ...(['keyId', 'organisation', 'refusals', 'since'] as const),
    ],
  },
}
