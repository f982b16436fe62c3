import { type AppObject, type ConditionCaller, meets, readsRow } from '../conditions/index.ts'
import type { ExplainedRule, Explanation } from '../http/index.ts'
import { isPermission, type Vocabulary } from '../permissions/index.ts'
import type { HeldRule, Permissions } from './permissions.ts'

/** A question that is to be explained, and its answer. */
export interface ExplainedQuestion {
  readonly allowed: boolean
  readonly permissions: Permissions
  readonly vocabulary: Vocabulary
  readonly caller: ConditionCaller
  readonly requiredLevel: 1 | 2
  readonly now: number
  readonly object: AppObject | undefined
}

/** Why a question is answered as it is: the rule that decided, and all that had a say. */
export function explanationOf(permission: string, question: ExplainedQuestion): Explanation {
  const held = isPermission(permission) ? question.permissions.reaching(permission) : []
  const rules = Object.freeze(held.map((rule) => explainedRule(rule, question)))
  const reason = reasonOf(permission, question, rules)
  const rule = decisive(reason, rules)
  const { allowed } = question
  return Object.freeze({ allowed, permission, reason, ...(rule ? { rule } : {}), rules })
}

function reasonOf(
  permission: string,
  { allowed, caller, permissions, requiredLevel, vocabulary }: ExplainedQuestion,
  rules: readonly ExplainedRule[],
): Explanation['reason'] {
  if (allowed) return 'allowed'
  if (!isPermission(permission) || vocabulary.problemOf(permission)) return 'unknown'
  if (caller.level < requiredLevel) return 'level'
  if (!permissions.inScope(permission)) return 'scope'
  if (!rules.some(({ effect }) => effect === 'allow')) return 'no_rule'
  return rules.some(forbids) ? 'denied' : 'condition'
}

/** The rule that made the answer what it is: a denial first, then what would have allowed it. */
function decisive(
  reason: Explanation['reason'],
  rules: readonly ExplainedRule[],
): ExplainedRule | undefined {
  const allowances = rules.filter(({ effect }) => effect === 'allow')
  if (reason === 'denied') return rules.find(forbids)
  if (reason === 'condition') return allowances[0]
  if (reason !== 'allowed') return undefined
  return allowances.find(({ met, when }) => !when || met === true)
}

/** A denial counts where its condition is met, and where it cannot be told whether it is. */
function forbids({ effect, met }: ExplainedRule): boolean {
  return effect === 'deny' && met !== false
}

function explainedRule(rule: HeldRule, { caller, now, object }: ExplainedQuestion): ExplainedRule {
  const { condition, effect, inOrganisation, pattern, role, through, when } = rule
  const isKnown = condition && (object || !readsRow(condition))
  return Object.freeze({
    ...{ effect, role, through, pattern },
    ...(inOrganisation && caller.organisation ? { organisation: caller.organisation } : {}),
    ...(when ? { when } : {}),
    ...(isKnown ? { met: meets(condition, object ?? {}, { caller, now }) } : {}),
  })
}

/** Why, in one line that names rules and no value of an object; empty where no rule reaches it. */
export function explanationText({ reason, rule }: Explanation): string {
  const by = rule ? ruleText(rule) : 'a rule'
  const texts: Readonly<Record<Explanation['reason'], string>> = {
    allowed: `allowed by ${by}`,
    no_rule: '',
    denied: `denied by ${by}`,
    condition: `the condition of ${by} is not met`,
    level: 'the session is below the level that policy demands',
    scope: 'the scopes of the API key do not reach it',
    unknown: 'no such resource or action is declared',
  }
  return texts[reason]
}

function ruleText({ pattern, role, through }: ExplainedRule): string {
  const way = through.length > 0 ? `, inherited through ${through.join(', ')}` : ''
  return `${pattern} of the role ${role}${way}`
}
