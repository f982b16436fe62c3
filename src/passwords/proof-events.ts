import type { EventDefinitions } from '../events/index.ts'

/** `password.proof_failed`: somebody signed in could not prove the current password. */
export interface PasswordProofFailed {
  readonly userId: string
  readonly cause: 'wrong_credential' | 'credential_blocked'
}

declare module '../events/event.ts' {
  interface EventMap {
    'password.proof_failed': PasswordProofFailed
  }
}

export const passwordProofEvents: EventDefinitions<'password.proof_failed'> = {
  'password.proof_failed': {
    severity: 'warning',
    auditClass: 'security',
    keep: ['userId', 'cause'],
  },
}
