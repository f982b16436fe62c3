export {
  isPattern,
  isPermission,
  type PermissionRule,
  type ResourceWords,
  type RoleDefinition,
  type RoleFault,
  systemRoles,
  type Vocabulary,
  type VocabularyOptions,
} from '../permissions/index.ts'
export {
  Access,
  type AccessParts,
} from './access.ts'
export { actorOf, type By, recordOf } from './by.ts'
export type { CustomRole } from './custom-role.ts'
export { CustomRoleReader } from './custom-role-reader.ts'
export {
  CustomRoles,
  type CustomRolesParts,
  type RoleChangeOptions,
  type RolePage,
  type RoleQuery,
  type RoleUse,
} from './custom-roles.ts'
export { accessErrors } from './errors.ts'
export {
  type AccessRefused,
  accessEvents,
  type RoleDefined,
  type RoleGranted,
  type RoleRemoved,
  type RoleWithdrawn,
} from './events.ts'
export { explanationText } from './explain.ts'
export type { ExplainQuestion, OrganisationRoles } from './explain-question.ts'
export { type GuardVerdict, judgeGuard, judgeGuardRole } from './guards.ts'
export {
  findAccountsWith,
  findHoldersAmong,
  findRolesOfAccounts,
  isAnyHeld,
} from './holding-store.ts'
export { Lack, type LackContext, objectHidden, permissionLacking } from './lack.ts'
export { earlier, endOfHolding, rolesAt } from './lasting.ts'
export { narrow } from './narrow.ts'
export { PermissionSet } from './permission-set.ts'
export type { HeldRule, Permissions, RulesFor } from './permissions.ts'
export type { Reach, ReachCaller } from './reach.ts'
export type { Giver, HeldRoles, RoleChange } from './role-change.ts'
export type { FullRoleDefinition } from './role-definition.ts'
export { RoleBook, type RoleMistake, type RoleSettings } from './roles.ts'
export { accessMigrations, type GrantRow } from './table.ts'
export { roleInOrganisation } from './tenant-rules.ts'
