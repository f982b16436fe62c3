import { type CompiledCondition, compileCondition } from '../conditions/index.ts'
import type { Vocabulary } from '../permissions/index.ts'
import type { HeldRule } from './permissions.ts'

/**
 * How row-level security knows a role that is held in the organisation of the request alone. No name of
 * a role holds a colon, so that it is none that is held everywhere.
 */
export function roleInOrganisation(role: string): string {
  return `in:${role}`
}

/** The rows of a resource that a rule reaches; undefined: none. */
export type Reached = CompiledCondition | 'always' | undefined

/** What is asked of a rule: an action, and the resource whose rows it is for. */
export interface AskedOfRule {
  readonly action: string
  readonly resource: string
}

/** What a rule that is held in an organisation reaches of a resource. */
export type OrganisationLimit = (
  rule: Pick<HeldRule, 'pattern' | 'condition' | 'when'>,
  asked: AskedOfRule,
) => Reached

/**
 * What is allowed in an organisation reaches
 * - of a resource whose rows belong to organisations, the rows of that one alone, whatever the role says;
 * - of a resource that says that no row of it does (`tenant: false`), what the role says by its name; by a
 *   wildcard no more than `read`, as what such a row says it says to every organisation;
 * - the organisation's own parts of `security`, to which `organisationRules` has cut it already;
 * - and nothing else: whose the rows of a resource are that says nothing of it, nobody here knows.
 *
 * So a role of one tenant is no way to the rows of another.
 */
export function organisationLimit(vocabulary: Vocabulary): OrganisationLimit {
  return ({ condition, pattern, when }, { action, resource }) => {
    const asItStands = condition ?? 'always'
    if (resource === 'security') return asItStands
    const shape = vocabulary.shapeOf(resource)
    if (shape?.tenant === undefined) return undefined
    if (shape.tenant === false) {
      return action === 'read' || namesResource(pattern) ? asItStands : undefined
    }
    const limited = when ? { all: [ofTenant, when] } : ofTenant
    const { attributes } = vocabulary
    const context = { resource: shape, name: resource, attributes, inOrganisation: true }
    const compiled = compileCondition(limited, context)
    // What fits no more once it is limited allows nothing.
    return compiled.ok ? compiled.condition : undefined
  }
}

/** Whether a pattern says which resource it is for. */
export function namesResource(pattern: string): boolean {
  const [, resource = '*'] = pattern.split(':')
  return resource !== '*'
}

const ofTenant = Object.freeze({ tenant: true } as const)
