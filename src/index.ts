export type {
  Access,
  AccessRefused,
  CustomRole,
  CustomRoles,
  ExplainQuestion,
  FullRoleDefinition,
  Giver,
  HeldRule,
  OrganisationRoles,
  PermissionRule,
  Permissions,
  Reach,
  ReachCaller,
  ResourceWords,
  RoleBook,
  RoleChangeOptions,
  RoleDefined,
  RoleDefinition,
  RoleFault,
  RoleGranted,
  RoleMistake,
  RolePage,
  RoleQuery,
  RoleRemoved,
  RoleSettings,
  RoleWithdrawn,
  RulesFor,
  Vocabulary,
  VocabularyOptions,
} from './access/index.ts'
export { accessErrors, PermissionSet, systemRoles } from './access/index.ts'
export type {
  AccountFactors,
  AccountPage,
  AccountQuery,
  AccountView,
  By,
  FactorResetRequested,
  FactorResetResult,
  FactorResetWithdrawn,
  LockOptions,
  NewAccount,
  NewInvitation,
  PendingReset,
  UserAdministration,
  UserChanged,
  UserLocked,
  UserSessionsEnded,
} from './admin/index.ts'
export type {
  ApiKeyChanged,
  ApiKeyCreated,
  ApiKeyRotated,
  ApiKeys,
  ApiKeyView,
  DecoyUsed,
  KeyBy,
  KeyInspection,
  KeyOwner,
  KeyOwnerKind,
  KeyPage,
  KeyReach,
  NewApiKey,
  NewServiceAccount,
  OwnKeyPage,
  PrincipalGrant,
  PrincipalName,
  PrincipalRoleChanged,
  ServiceAccountChanged,
  ServiceAccounts,
  ServiceAccountView,
  ShownKey,
} from './api-keys/index.ts'
export { inspectKey, keyPattern } from './api-keys/index.ts'
export type { Factor, FactorMethod } from './assurance/index.ts'
export type { AccessEntry, AppTransaction, AuditEntry, AuditRow } from './audit/index.ts'
export type { DeviceForgotten, DeviceTrusted } from './devices/index.ts'
export {
  type DefinedErrors,
  type ErrorDefinition,
  type ErrorExtras,
  type ErrorFactory,
  type ErrorTable,
  type FieldFault,
  type Problem,
  type ProblemAnswer,
  SecurityError,
  toProblem,
} from './errors/index.ts'
export type {
  Actor,
  EventInput,
  EventMap,
  EventName,
  Listener,
  Origin,
  Outcome,
  RecordedEvent,
  Resource,
  Severity,
} from './events/index.ts'
export type { FactorCodeUsed, FactorStatus, TotpSetup } from './factors/index.ts'
export type {
  Answer,
  Auth,
  Call,
  ClientAddress,
  CredentialKind,
  Exchange,
  ExchangeState,
  ExplainedRule,
  Explanation,
  JsonBounds,
  JsonMedia,
  RequestHeaders,
  Route,
  RouteDefinition,
  RoutePolicy,
  RouteResponse,
  RowFilter,
  RowOptions,
  SqlFilter,
  SqlFilterOptions,
} from './http/index.ts'
export type {
  ImportOptions,
  ImportProgress,
  ImportRefusal,
  ImportRefusalCode,
  ImportSummary,
  UserImported,
  UserImports,
} from './imports/index.ts'
export * from './index-accounts.ts'
export * from './index-addresses.ts'
export * from './index-config.ts'
export * from './index-csp.ts'
export * from './index-input.ts'
export * from './index-signed.ts'
export * from './index-transport.ts'
export * from './index-webhooks.ts'
export type {
  LimitCharge,
  LimitPolicy,
  LimitRefused,
  Limits,
  LimitVerdict,
} from './limits/index.ts'
export type { DevelopmentMailbox, KeptMail } from './mail/index.ts'
export type { PasskeyCloned } from './passkeys/index.ts'
export type { PasswordProofAttacked, PasswordProofFailed } from './passwords/index.ts'
export type {
  Clock,
  JsonLoggerOptions,
  LogFields,
  Logger,
  LogLevel,
  Mailer,
  OutgoingMail,
  Random,
  Timer,
} from './ports/index.ts'
export { jsonLogger, silentLogger, systemClock, systemRandom } from './ports/index.ts'
export { type CallerClient, type CallerTransaction, setCaller } from './rows/index.ts'
export { createSecurity, type Entry, Security } from './security.ts'
export type {
  EndRequest,
  LiveSession,
  RefreshRequest,
  RefreshResult,
  RefreshTokenReused,
  RenewedSecret,
  SessionEnded,
  SessionRow,
  Sessions,
  SessionsEnded,
  SigningKeyCreated,
  Transport,
} from './sessions/index.ts'
export type {
  ControlCount,
  ControlModes,
  RefusalExample,
  ReportedRefusal,
  ShieldReport,
  ShieldReportQuery,
  ShieldWatch,
} from './shadow/index.ts'
export type { ProofOptions } from './shield/index.ts'
export type { GuessesRefused, LaneKind, LaneRefusal } from './throttle/index.ts'
export type { AccountStatus, Asker, UserProfile } from './users/index.ts'
export { version } from './version.ts'
