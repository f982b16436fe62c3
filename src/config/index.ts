export { didYouMean, suggest } from '../errors/index.ts'
export type { ConditionalPermission } from '../permissions/index.ts'
export type {
  BodyConfig,
  BreachConfig,
  CaptchaConfig,
  Config,
  CorsConfig,
  DatabaseConfig,
  HeaderConfig,
  HstsConfig,
  LimitConfig,
  LimitPolicyConfig,
  LinkConfig,
  LockoutConfig,
  MailConfig,
  MfaConfig,
  NoticeConfig,
  PasskeyConfig,
  PasswordConfig,
  PathConfig,
  PepperConfig,
  RevocationConfig,
  SessionConfig,
  SessionLifetimeConfig,
  ShieldConfig,
  TokenConfig,
  ValkeyConfig,
} from './config.ts'
export type {
  AccessConfig,
  ApiKeyConfig,
  OrganisationConfig,
  ResourceConfig,
  RoleConfig,
} from './config-access.ts'
export type { IpRuleConfig, TargetConfig } from './config-addresses.ts'
export type { CspCandidateConfig, CspConfig, CspDirectiveChanges } from './config-csp.ts'
export type { DetectionConfig } from './config-detection.ts'
export type { AppLimitPolicyConfig } from './config-limits.ts'
export type { SignatureConfig, SignatureKeyConfig } from './config-signatures.ts'
export type { UploadConfig } from './config-uploads.ts'
export { type Duration, formatDuration, parseDuration } from './duration.ts'
export {
  type EnvOptions,
  optionsFromEnv,
  type ServerSettings,
  type ServerTlsSettings,
  variableFor,
} from './env.ts'
export type { EnvNotice } from './env-notices.ts'
export { type Environment, type EnvSection, type EnvVariable, envSections } from './env-table.ts'
export { configErrors } from './errors.ts'
export { configurationError } from './faults.ts'
export type {
  DatabaseOptions,
  DatabasePool,
  KyselyInstance,
  SecurityOptions,
} from './options.ts'
export type {
  AccessOptions,
  ApiKeyOptions,
  MatrixRow,
  OrganisationOptions,
  ResourceOptions,
  RoleOptions,
} from './options-access.ts'
export type {
  BreachOptions,
  CaptchaOptions,
  ClaimsUser,
  ClosedAccountOptions,
  Hs256KeyOptions,
  LinkOptions,
  LockoutOptions,
  NoticeOptions,
  PasswordOptions,
  PepperOptions,
  RevocationOptions,
  SessionLifetimeOptions,
  SessionOptions,
  StepUpOptions,
  TokenOptions,
} from './options-accounts.ts'
export type { IpRuleOptions, TargetOptions } from './options-addresses.ts'
export type { CspCandidateOptions, CspOptions } from './options-csp.ts'
export type { DetectionExemption, DetectionOptions } from './options-detection.ts'
export type { MfaOptions, PasskeyOptions, TotpOptions } from './options-factors.ts'
export type { ControlMode, ShieldControl, ShieldOptions } from './options-shield.ts'
export type { SignatureKeyOptions, SignatureOptions } from './options-signatures.ts'
export type {
  AppLimitPolicyOptions,
  BodyOptions,
  CorsOptions,
  HeaderOptions,
  HstsOptions,
  LimitOptions,
  LimitPolicyOptions,
  MailOptions,
  PathOptions,
  ValkeyOptions,
} from './options-traffic.ts'
export type { UploadOptions, UploadStorePort } from './options-uploads.ts'
export { type Relaxation, relaxations } from './relaxations.ts'
export { resolveConfig } from './resolve.ts'
export { Secret } from './secret.ts'
export { sameSecret, weaknessOf } from './secrets.ts'
export {
  developmentSecrets,
  generateSecrets,
  type Secrets,
  writePrivateFile,
} from './secrets-file.ts'
export { parseSize, type Size } from './size.ts'
