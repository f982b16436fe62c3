import type { EventDefinitions } from '../events/index.ts'

/** `user.registered`: an address waits for its confirmation. */
export interface UserRegistered {
  readonly userId: string
}

/** Somebody registered an address that has an account or a waiting registration. */
export interface RegistrationRepeated {
  readonly userId: string
}

/** `user.verified`: the owner confirmed the address; the account is active. */
export interface UserVerified {
  readonly userId: string
}

/** `user.verification_resent`: a new link was asked for; without `userId` nobody waits for one. */
export interface VerificationResent {
  readonly userId?: string
}

declare module '../events/event.ts' {
  interface EventMap {
    'user.registered': UserRegistered
    'user.registration_repeated': RegistrationRepeated
    'user.verified': UserVerified
    'user.verification_resent': VerificationResent
  }
}

export const signUpEvents: EventDefinitions<
  'user.registered' | 'user.registration_repeated' | 'user.verified' | 'user.verification_resent'
> = {
  'user.registered': { severity: 'info', auditClass: 'security', keep: ['userId'] },
  'user.registration_repeated': { severity: 'low', auditClass: 'security', keep: ['userId'] },
  'user.verified': { severity: 'info', auditClass: 'security', keep: ['userId'] },
  'user.verification_resent': { severity: 'info', auditClass: 'security', keep: ['userId'] },
}
