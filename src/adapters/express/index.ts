export * from '../../index.ts'
export {
  createSecurity,
  type ExpressSecurity,
  type ExpressVerbs,
  withExpress,
} from './express-security.ts'
export { type Guard, type GuardOptions, guardErrors, type RoleGuard } from './guard.ts'
export type { RateLimitOptions } from './limit.ts'
export type { ManifestEntry } from './manifest.ts'
export type { PolicyHandler, RoutePolicyMark } from './types.ts'
export type { UpgradeOptions, UpgradeRequest } from './upgrade.ts'
