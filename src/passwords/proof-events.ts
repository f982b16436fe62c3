import type { EventDefinitions } from '../events/index.ts'

/** `password.proof_failed`: somebody signed in could not prove the current password. */
export interface PasswordProofFailed {
  readonly userId: string
  readonly cause: 'wrong_credential' | 'credential_blocked'
}

/** `password.proof_attacked`: somebody signed in guesses at the password. Once a day. */
export interface PasswordProofAttacked {
  readonly userId: string
}

declare module '../events/event.ts' {
  interface EventMap {
    'password.proof_failed': PasswordProofFailed
    'password.proof_attacked': PasswordProofAttacked
  }
}

export const passwordProofEvents: EventDefinitions<
  'password.proof_failed' | 'password.proof_attacked'
> = {
  'password.proof_failed': {
    severity: 'warning',
    auditClass: 'security',
    keep: ['userId', 'cause'],
  },
  'password.proof_attacked': { severity: 'high', auditClass: 'security', keep: ['userId'] },
}
