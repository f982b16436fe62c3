export * from '../../index.ts'
export { guardErrors } from '../node/errors.ts'
export type { ControlMark } from './controls.ts'
export type { EncryptedFieldOptions } from './encrypted-fields.ts'
export {
  createSecurity,
  type ExpressSecurity,
  type ExpressVerbs,
  withExpress,
} from './express-security.ts'
export type { Authenticate, Guard } from './guard.ts'
export type { Awaitable, GuardOptions, ObjectLoader } from './guard-options.ts'
export type { RoleGuard } from './guard-rule.ts'
export type { IpRulesVerb, MarkedScope } from './ip-rules.ts'
export type { RateLimitOptions } from './limit.ts'
export type { RedirectOptions, RedirectVerb } from './redirect.ts'
export type { HeadersVerb } from './separate.ts'
export type {
  GuardMark,
  GuardTerms,
  PolicyHandler,
  RoutePolicyMark,
  ValidParts,
  WebhookMark,
} from './types.ts'
export type { UpgradeOptions, UpgradeRequest } from './upgrade.ts'
export type { UploadVerbOptions } from './upload.ts'
export type { AuditVerb, UseOptions } from './use-recorder.ts'
export type { ValidateVerb, Validation } from './validate.ts'
export type { ManifestEntry } from './walk.ts'
export type { WebhookVerb } from './webhook.ts'
