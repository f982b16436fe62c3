import { organisationParts } from '../permissions/index.ts'
import type { HeldRule } from './permissions.ts'

/**
 * What rules mean that are held in an organisation: `*` is everything of the app and the organisation's
 * own parts of `security`, and of `security` nothing else is reached, whatever a rule says.
 */
export function organisationRules(rules: readonly HeldRule[]): readonly HeldRule[] {
  return rules.flatMap((rule) =>
    localPatterns(rule).map((pattern) => ({ ...rule, pattern, inOrganisation: true })),
  )
}

function localPatterns({ effect, pattern }: HeldRule): readonly string[] {
  const ownParts = organisationParts.map((part) => `*:security:${part}`)
  if (pattern === '*') return effect === 'deny' ? ['*:*', ...ownParts] : ['*:*']
  const [action = '', resource, part, ...rest] = pattern.split(':')
  if (resource !== 'security') return [pattern]
  const parts = organisationParts.filter((one) => part === '*' || part === one)
  return parts.map((one) => [action, resource, one, ...rest].join(':'))
}
