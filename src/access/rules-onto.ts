import { type CompiledCondition, compileCondition } from '../conditions/index.ts'
import type { Vocabulary } from '../permissions/index.ts'
import { accessErrors } from './errors.ts'
import type { HeldRule, Permissions, RulesFor } from './permissions.ts'
import { organisationLimit, type Reached } from './tenant-rules.ts'

/** Whose rules, and the words that they are written in. */
export interface RuleParts {
  readonly permissions: Permissions
  readonly vocabulary: Vocabulary
}

/**
 * The rules that decide on a permission, for the rows of another resource, which has to have the columns
 * that they read; else `resource_unknown` is thrown. What is held in an organisation alone reaches of
 * these rows what it may reach of that resource, whatever it reaches of the one of the permission.
 */
export function rulesOnto(resource: string, permission: string, parts: RuleParts): RulesFor {
  const { permissions, vocabulary } = parts
  const { allow, deny } = permissions.rulesFor(permission)
  const refit = (condition: CompiledCondition) => onto(resource, condition, vocabulary)
  const denied = deny === true || deny.map(refit)
  if (allow !== true && allow.length === 0) return { allow, deny: denied }
  const reached = permissions
    .reaching(permission)
    .filter(({ effect }) => effect === 'allow')
    .map((rule) => reachedOnto(rule, resource, { permission, vocabulary }))
  const conditions = reached.flatMap((one) => (one === undefined || one === 'always' ? [] : [one]))
  return { allow: reached.includes('always') || conditions, deny: denied }
}

function reachedOnto(
  rule: HeldRule,
  resource: string,
  { permission, vocabulary }: { readonly permission: string; readonly vocabulary: Vocabulary },
): Reached {
  const { condition, inOrganisation } = rule
  const [action = '', own = ''] = permission.split(':')
  const limit = organisationLimit(vocabulary)
  if (inOrganisation && limit(rule, { action, resource: own }) === undefined) return undefined
  const refitted = condition && onto(resource, condition, vocabulary)
  if (!inOrganisation) return refitted ?? 'always'
  return limit(refitted ? { ...rule, condition: refitted } : rule, { action, resource })
}

function onto(
  resource: string,
  { source }: CompiledCondition,
  vocabulary: Vocabulary,
): CompiledCondition {
  const { attributes } = vocabulary
  const shape = vocabulary.shapeOf(resource)
  const compiled = compileCondition(source, { resource: shape, name: resource, attributes })
  if (compiled.ok) return compiled.condition
  const [fault] = compiled.faults
  const explanation = `rows of '${resource}': a rule does not fit it: ${fault?.path} ${fault?.problem}`
  throw accessErrors.resource_unknown({ explanation })
}
