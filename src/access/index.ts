export {
  isPattern,
  isPermission,
  type RoleDefinition,
  type RoleFault,
  systemRoles,
} from '../permissions/index.ts'
export {
  Access,
  type AccessParts,
  type ExplainQuestion,
  type Giver,
  type HeldRoles,
  type OrganisationRoles,
  type RoleChange,
} from './access.ts'
export { actorOf, type By, recordOf } from './by.ts'
export { accessErrors } from './errors.ts'
export { type AccessRefused, accessEvents, type RoleGranted, type RoleWithdrawn } from './events.ts'
export { explanationText } from './explain.ts'
export { type GuardVerdict, judgeGuard } from './guards.ts'
export { type LackContext, lackOf, permissionLacking } from './lack.ts'
export { narrow } from './narrow.ts'
export { PermissionSet } from './permission-set.ts'
export type { HeldRule, Permissions, RulesFor } from './permissions.ts'
export type { Reach, ReachCaller } from './reach.ts'
export { RoleBook, type RoleMistake, type RoleSettings } from './roles.ts'
export { accessMigrations, type GrantRow } from './table.ts'
