export { keyAdminRoutes } from './admin-routes.ts'
export {
  type ApiKeyRules,
  ApiKeys,
  type ApiKeysParts,
  type KeyReach,
  type ShownKey,
} from './api-keys.ts'
export { KeyAuthenticator, type PresentedKey } from './authenticate.ts'
export type { KeyRouteParts } from './caller.ts'
export type { ApiKeyView } from './describe.ts'
export type { KeyBy } from './drafts.ts'
export { apiKeyErrors } from './errors.ts'
export {
  type ApiKeyChanged,
  type ApiKeyCreated,
  type ApiKeyRotated,
  apiKeyEvents,
  type DecoyUsed,
  type PrincipalRoleChanged,
  type ServiceAccountChanged,
} from './events.ts'
export { inspectKey, type KeyInspection, keyPattern } from './format.ts'
export { type ForeignKey, type ForeignKeyFault, KeyImports } from './key-imports.ts'
export { type KeyOwner, KeyOwners } from './owners.ts'
export type { NewApiKey } from './request.ts'
export { findPrincipalRolesBeside, isPrincipalRoleHeld } from './role-use-store.ts'
export { apiKeyRoutes } from './routes.ts'
export { serviceAccountRoutes } from './service-account-routes.ts'
export type { PrincipalGrant, ServiceAccountView } from './service-account-view.ts'
export { type NewServiceAccount, type PrincipalName, ServiceAccounts } from './service-accounts.ts'
export type { KeyPage, OwnKeyPage } from './store.ts'
export { type ApiKeyRow, apiKeyMigrations, type KeyOwnerKind } from './table.ts'
export { KeyUsage } from './usage.ts'
export { KeyVerdicts } from './verdict.ts'
