export {
  denialCovers,
  denialMatcher,
  isPattern,
  isPermission,
  type PatternMatcher,
  patternCovers,
  patternMatcher,
  patternReaches,
  patternsMeet,
} from './permission.ts'
export { type CheckedRole, checkRole, type RoleFault } from './role-check.ts'
export type { ConditionalPermission, PermissionRule, RoleDefinition, RoleRules } from './rule.ts'
export { organisationParts, systemRoles } from './system-roles.ts'
export { type ResourceWords, Vocabulary, type VocabularyOptions } from './vocabulary.ts'
