export { type AccessSubject, AccessTokens, type VerifiedAccessToken } from './access-token.ts'
export { Activity } from './activity.ts'
export { Authenticator, type Presented } from './authenticate.ts'
export {
  browserOf,
  nativeBrowser,
  refuseBrowser,
  SessionCookies,
  type SessionSecrets,
} from './cookies.ts'
export type { EndRequest } from './end.ts'
export { challenges, sessionErrors } from './errors.ts'
export {
  type RefreshTokenReused,
  type SessionEnded,
  type SessionsEnded,
  type SigningKeyCreated,
  sessionEvents,
} from './events.ts'
export type { SessionProof } from './proof.ts'
export type { RenewedSecret } from './renew.ts'
export { describeSession, sessionRoutes } from './routes.ts'
export { type RefreshRequest, type RefreshResult, Sessions } from './sessions.ts'
export { type SignOutParts, type SignOutRequest, signOut } from './sign-out.ts'
export { SigningKeys } from './signing-keys.ts'
export { type SessionRow, sessionsMigrations, type Transport } from './table.ts'
export { type LiveSession, subjectOf, Verdicts } from './verdict.ts'
export { wellKnownRoutes } from './well-known.ts'
