export { ClientKeys, type RegisteredKey } from './client-keys.ts'
export { type EncryptionJwk, EncryptionKeys } from './encryption-keys.ts'
export { signatureErrors } from './errors.ts'
export {
  type ClientKeyRegistered,
  type EncryptionKeyCreated,
  signatureEvents,
} from './events.ts'
export { FieldEncryption, type FieldPlace } from './fields.ts'
export type { EncryptionCurve } from './jwe.ts'
export {
  importSignatureKey,
  type PublicSigningJwk,
  type SignatureAlgorithm,
  type SignatureKey,
} from './keys.ts'
export { SignatureNonces } from './nonces.ts'
export {
  RequestSignatures,
  type SignatureKeyFinder,
  type SignatureVerdict,
  type SignedBy,
  type SignedOptions,
  type VerifiedSignature,
} from './request-signatures.ts'
export { encryptionKeysPath, signatureRoutes } from './routes.ts'
export { type SignRequestOptions, signRequest } from './sign-request.ts'
export type { SigningAlgorithm, SigningKey } from './signing-key.ts'
export { signatureMigrations } from './table.ts'
