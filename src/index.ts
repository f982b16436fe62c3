export { accessErrors, PermissionSet, type RoleDefinition, systemRoles } from './access/index.ts'
export type { AccountView, By, NewAccount } from './admin/index.ts'
export type { AccessEntry, AppTransaction, AuditEntry, AuditRow } from './audit/index.ts'
export {
  type AccessOptions,
  type AppLimitPolicyOptions,
  type BodyOptions,
  type ClaimsUser,
  type Config,
  type CorsOptions,
  type CspOptions,
  type DatabaseOptions,
  type DatabasePool,
  type Duration,
  developmentSecrets,
  type EnvNotice,
  type EnvOptions,
  generateSecrets,
  type HeaderOptions,
  type Hs256KeyOptions,
  type HstsOptions,
  type KyselyInstance,
  type LimitOptions,
  type LimitPolicyOptions,
  type LinkOptions,
  type MailOptions,
  optionsFromEnv,
  type PasswordOptions,
  type PathOptions,
  type PepperOptions,
  type Relaxation,
  type RevocationOptions,
  type RoleOptions,
  Secret,
  type Secrets,
  type SecurityOptions,
  type ServerSettings,
  type SessionLifetimeOptions,
  type SessionOptions,
  type Size,
  type TokenOptions,
} from './config/index.ts'
export {
  type ErrorExtras,
  type FieldFault,
  type Problem,
  SecurityError,
  toProblem,
} from './errors/index.ts'
export type {
  Actor,
  EventMap,
  EventName,
  Listener,
  Origin,
  Outcome,
  RecordedEvent,
  Resource,
  Severity,
} from './events/index.ts'
export type { Answer, Auth, ClientAddress, Exchange, Route } from './http/index.ts'
export type { LimitPolicy, LimitVerdict } from './limits/index.ts'
export type { Clock, Logger, LogLevel, Mailer, OutgoingMail, Random, Timer } from './ports/index.ts'
export { jsonLogger, silentLogger, systemClock, systemRandom } from './ports/index.ts'
export { createSecurity, type Entry, Security } from './security.ts'
export type { SessionRow, Transport } from './sessions/index.ts'
export type {
  ChallengeRequired,
  Denied,
  MfaRequired,
  SignedIn,
  SignedInUser,
  SignInResult,
  VerificationRequired,
} from './sign-in/index.ts'
export type { Registration } from './sign-up/index.ts'
export type { UserProfile } from './users/index.ts'
export { version } from './version.ts'
