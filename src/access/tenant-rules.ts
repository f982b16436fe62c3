import { type CompiledCondition, compileCondition } from '../conditions/index.ts'
import type { Vocabulary } from '../permissions/index.ts'
import type { HeldRule, Permissions, RulesFor } from './permissions.ts'

/**
 * How row-level security knows a role that is held in the organisation of the request alone. No name of
 * a role holds a colon, so that it is none that is held everywhere.
 */
export function roleInOrganisation(role: string): string {
  return `in:${role}`
}

/** Whose rules, and the words that they are written in. */
export interface TenantRuleParts {
  readonly permissions: Pick<Permissions, 'rulesFor' | 'reaching'>
  readonly vocabulary: Vocabulary
}

/**
 * The rules that reach a permission for somebody in an organisation. What is allowed there reaches, of a
 * resource whose rows belong to organisations, the rows of that one alone, whatever the role says: a role
 * of one tenant is no way to the rows of another. Denials stay as they are.
 */
export function tenantRules(
  permission: string,
  { permissions, vocabulary }: TenantRuleParts,
): RulesFor {
  const rules = permissions.rulesFor(permission)
  const [, resource = ''] = permission.split(':')
  if (vocabulary.shapeOf(resource)?.tenant === undefined) return rules
  const isReached = rules.allow === true || rules.allow.length > 0
  const reaching = permissions.reaching(permission).filter(({ effect }) => effect === 'allow')
  if (!isReached || !reaching.some(({ inOrganisation }) => inOrganisation)) return rules
  const allow: CompiledCondition[] = []
  for (const rule of reaching) {
    const condition = conditionOf(rule, resource, vocabulary)
    if (condition === 'always') return rules
    if (condition) allow.push(condition)
  }
  return { allow, deny: rules.deny }
}

/** Undefined for what fits the resource no more once it is limited: then it allows nothing. */
function conditionOf(
  { condition, inOrganisation, when }: HeldRule,
  resource: string,
  vocabulary: Vocabulary,
): CompiledCondition | 'always' | undefined {
  if (!inOrganisation) return condition ?? 'always'
  const tenant = { tenant: true } as const
  const { attributes } = vocabulary
  const context = { resource: vocabulary.shapeOf(resource), name: resource, attributes }
  const compiled = compileCondition(when ? { all: [tenant, when] } : tenant, context)
  return compiled.ok ? compiled.condition : undefined
}
