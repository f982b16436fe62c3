export { type DenyReason, decide, type SignInDecision, type SignInFacts } from './decide.ts'
export type { TotpNotStarted, TotpSetupGiven } from './enrol.ts'
export { signInErrors } from './errors.ts'
export {
  type FactorDemanded,
  type SignInAttacked,
  type SignInFactorAttacked,
  type SignInFactorFailed,
  type SignInFailed,
  type SignInSucceeded,
  signInEvents,
} from './events.ts'
export { GuessBudget, type ReservedGuess } from './guess-budget.ts'
export type { SecondFactorRules, SignInParts } from './parts.ts'
export type { PasskeyChallenge, PasskeyChallengeRequest } from './passkey-sign-in.ts'
export type {
  Asking,
  CredentialJson,
  FactorSignIn,
  FlowRequest,
  PasskeyEnrolment,
  PasskeySignIn,
  PasswordSignIn,
  SecondProof,
  TotpEnrolment,
  TotpSetupRequest,
} from './requests.ts'
export type {
  CeremonyOptions,
  ChallengeRequired,
  Denied,
  EnrolledAndSignedIn,
  EnrolmentResult,
  FactorRejected,
  FactorSignInResult,
  FlowInvalid,
  FlowView,
  MfaRequired,
  SignedIn,
  SignedInUser,
  SignInResult,
  VerificationRequired,
} from './result.ts'
export { signInRoutes } from './routes.ts'
export { SignIn } from './sign-in.ts'
export { type FlowPurpose, type FlowRow, signInMigrations } from './table.ts'
