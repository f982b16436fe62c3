export { browserHash } from './ceremonies.ts'
export { type PasskeyCloned, passkeyEvents } from './events.ts'
export type { CredentialOptions, PasskeyOwner } from './options.ts'
export { Passkeys, type PasskeysParts } from './passkeys.ts'
export type {
  AssertionKind,
  AssertionRequest,
  AssertionVerdict,
  PasskeyAddition,
  PasskeyProof,
  PasskeyUse,
  ProvenPasskey,
  RegistrationVerdict,
  SentAssertion,
  SentRegistration,
} from './proof.ts'
export type { OwnPasskey } from './store.ts'
export { type CeremonyKind, type CeremonyRow, type PasskeyRow, passkeyMigrations } from './table.ts'
export type { NewPasskey } from './verify.ts'
