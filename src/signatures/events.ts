import type { EventDefinitions } from '../events/index.ts'

/** `client_key.registered`: a session has a key that signs its requests. */
export interface ClientKeyRegistered {
  readonly sessionId: string
  readonly userId: string
  readonly keyId: string
}

/** `encryption_key.created`: browsers encrypt fields to a new key. */
export interface EncryptionKeyCreated {
  readonly keyId: string
  readonly curve: string
}

declare module '../events/event.ts' {
  interface EventMap {
    'client_key.registered': ClientKeyRegistered
    'encryption_key.created': EncryptionKeyCreated
  }
}

export const signatureEvents: EventDefinitions<'client_key.registered' | 'encryption_key.created'> =
  {
    'client_key.registered': {
      severity: 'info',
      auditClass: 'security',
      keep: ['sessionId', 'userId', 'keyId'],
    },
    'encryption_key.created': {
      severity: 'info',
      auditClass: 'security',
      keep: ['keyId', 'curve'],
    },
  }
