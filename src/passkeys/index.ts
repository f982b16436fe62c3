export { browserHash } from './ceremonies.ts'
export { type PasskeyCloned, passkeyEvents } from './events.ts'
export type { CredentialOptions, PasskeyOwner } from './options.ts'
export {
  type AssertionKind,
  type AssertionRequest,
  type AssertionVerdict,
  type PasskeyAddition,
  type PasskeyProof,
  Passkeys,
  type PasskeysParts,
  type ProvenPasskey,
  type RegistrationVerdict,
  type SentAssertion,
  type SentRegistration,
} from './passkeys.ts'
export type { OwnPasskey } from './store.ts'
export { type CeremonyKind, type CeremonyRow, type PasskeyRow, passkeyMigrations } from './table.ts'
export type { NewPasskey } from './verify.ts'
