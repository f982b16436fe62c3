import type { EventDefinitions } from '../events/index.ts'
import type { KeyOwnerKind } from './table.ts'

/** What every event of a key says. */
export interface ApiKeyChanged {
  readonly keyId: string
  readonly ownerKind: KeyOwnerKind
  readonly ownerId: string
}

/**
 * `api_key.created`: a key was made; also the successor of one that is rotated. `api_key.imported`: one of
 * another system came with its owner.
 */
export interface ApiKeyCreated extends ApiKeyChanged {
  readonly scopes: readonly string[]
  /** Epoch milliseconds; absent: until it is revoked. */
  readonly expiresAt?: number
}

/** `api_key.rotated`: a key has a successor, and works until the overlap ends. */
export interface ApiKeyRotated extends ApiKeyChanged {
  readonly successorId: string
  /** Epoch milliseconds. */
  readonly endsAt: number
}

/** `api_key.decoy_used`: somebody showed a key that was laid out for thieves. Told once. */
export interface DecoyUsed {
  readonly keyId: string
  readonly name: string
}

/** An event of a service account. */
export interface ServiceAccountChanged {
  readonly serviceAccountId: string
}

/** A service account, or an organisation as owner of keys, holds a role or holds it no more. */
export interface PrincipalRoleChanged {
  readonly principalKind: 'service_account' | 'organisation'
  readonly principalId: string
  readonly role: string
  readonly expiresAt?: number
}

declare module '../events/event.ts' {
  interface EventMap {
    'api_key.created': ApiKeyCreated
    'api_key.imported': ApiKeyCreated
    'api_key.rotated': ApiKeyRotated
    'api_key.revoked': ApiKeyChanged
    'api_key.decoy_created': DecoyUsed
    'api_key.decoy_used': DecoyUsed
    'service_account.created': ServiceAccountChanged
    'service_account.disabled': ServiceAccountChanged
    'service_account.enabled': ServiceAccountChanged
    'principal_role.granted': PrincipalRoleChanged
    'principal_role.withdrawn': PrincipalRoleChanged
  }
}

type ApiKeyEvent =
  | `api_key.${'created' | 'imported' | 'rotated' | 'revoked' | 'decoy_created' | 'decoy_used'}`
  | `service_account.${'created' | 'disabled' | 'enabled'}`
  | `principal_role.${'granted' | 'withdrawn'}`

const key = ['keyId', 'ownerKind', 'ownerId'] as const
const account = ['serviceAccountId'] as const
const role = ['principalKind', 'principalId', 'role'] as const
const security = { auditClass: 'security' } as const

export const apiKeyEvents: EventDefinitions<ApiKeyEvent> = {
  'api_key.created': { ...security, severity: 'warning', keep: [...key, 'scopes', 'expiresAt'] },
  'api_key.imported': { ...security, severity: 'info', keep: [...key, 'scopes', 'expiresAt'] },
  'api_key.rotated': { ...security, severity: 'info', keep: [...key, 'successorId', 'endsAt'] },
  'api_key.revoked': { ...security, severity: 'info', keep: key },
  'api_key.decoy_created': { ...security, severity: 'info', keep: ['keyId', 'name'] },
  'api_key.decoy_used': { ...security, severity: 'critical', keep: ['keyId', 'name'] },
  'service_account.created': { ...security, severity: 'warning', keep: account },
  'service_account.disabled': { ...security, severity: 'warning', keep: account },
  'service_account.enabled': { ...security, severity: 'warning', keep: account },
  'principal_role.granted': { ...security, severity: 'warning', keep: [...role, 'expiresAt'] },
  'principal_role.withdrawn': { ...security, severity: 'warning', keep: role },
}
