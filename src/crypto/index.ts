export type { Argon2, Argon2Work } from './argon2.ts'
export { decodeBase64url } from './base64url.ts'
export {
  type CanonicalEmail,
  type CanonicalIdentifier,
  type CanonicalUsername,
  canonicalEmail,
  canonicalIdentifier,
  canonicalUsername,
} from './canonical.ts'
export { equalBytes, equalSecrets } from './constant-time.ts'
export { open, openText, type SealBinding, seal, sealedKeyId } from './envelope.ts'
export { cryptoErrors } from './errors.ts'
export {
  type JwtClaims,
  type JwtContent,
  type JwtExpectations,
  type JwtRefusal,
  type JwtVerdict,
  signJwt,
  verifyJwt,
} from './jwt.ts'
export {
  type AsymmetricAlgorithm,
  exportPrivateKey,
  generateSigningKey,
  importPrivateKey,
  importPublicJwk,
  type JwtAlgorithm,
  namedSecretKey,
  type PublicJwk,
  publicJwk,
  type SigningKey,
  type VerificationKey,
  verificationKey,
} from './jwt-keys.ts'
export { createKeyring, decodeMasterKey, type Keyring } from './keyring.ts'
export { type HkdfInput, hkdfSha256, hmacSha256 } from './mac.ts'
export {
  defaultHashConcurrency,
  type HashVerdict,
  type PasswordCheck,
  PasswordHasher,
  type PasswordHasherOptions,
  type Pepper,
} from './password-hash.ts'
export type { Argon2Cost } from './phc.ts'
export { hashToken, isTokenShaped, newToken } from './token.ts'
