import {
  type AppObject,
  type ConditionCaller,
  forbids,
  meets,
  readsRow,
} from '../conditions/index.ts'
import type { ExplainedRule, Explanation } from '../http/index.ts'
import { isPermission, type Vocabulary } from '../permissions/index.ts'
import type { HeldRule, Permissions } from './permissions.ts'
import { organisationLimit, type Reached } from './tenant-rules.ts'

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
  const reached = held.map((rule) => reachedBy(rule, permission, question))
  const rules = Object.freeze(held.map((rule, at) => explainedRule(rule, reached[at], question)))
  const isOutside = held.every(({ effect }, at) => effect === 'deny' || reached[at] === undefined)
  const reason = reasonOf(permission, question, { rules, isOutside })
  const rule = decisive(reason, rules)
  const { allowed } = question
  return Object.freeze({ allowed, permission, reason, ...(rule ? { rule } : {}), rules })
}

/** The answer to a question about nobody, or about a place where somebody does not belong. */
export function unanswered(
  permission: string,
  reason: 'user_unknown' | 'account_closed' | 'organisation_unknown',
): Explanation {
  return Object.freeze({ allowed: false, permission, reason, rules: [] })
}

function reasonOf(
  permission: string,
  { allowed, caller, permissions, requiredLevel, vocabulary }: ExplainedQuestion,
  { isOutside, rules }: { readonly rules: readonly ExplainedRule[]; readonly isOutside: boolean },
): Explanation['reason'] {
  if (allowed) return 'allowed'
  if (!isPermission(permission) || vocabulary.problemOf(permission)) return 'unknown'
  if (caller.level < requiredLevel) return 'level'
  if (!permissions.inScope(permission)) return 'scope'
  if (!rules.some(({ effect }) => effect === 'allow')) return 'no_rule'
  if (isOutside) return 'organisation'
  return rules.some(isDenial) ? 'denied' : 'condition'
}

/** The rule that made the answer what it is: a denial first, then what would have allowed it. */
function decisive(
  reason: Explanation['reason'],
  rules: readonly ExplainedRule[],
): ExplainedRule | undefined {
  const allowances = rules.filter(({ effect }) => effect === 'allow')
  if (reason === 'denied') return rules.find(isDenial)
  if (reason === 'condition' || reason === 'organisation') return allowances[0]
  if (reason !== 'allowed') return undefined
  return allowances.find(({ met, when }) => !when || met === true)
}

/** A denial counts where its condition is met, and where it cannot be told whether it is. */
function isDenial({ effect, met }: ExplainedRule): boolean {
  return effect === 'deny' && met !== false
}

/** What a rule reaches of the resource: of one that is held in an organisation, what it may reach there. */
function reachedBy(rule: HeldRule, permission: string, { vocabulary }: ExplainedQuestion): Reached {
  const isLimited = rule.inOrganisation && rule.effect === 'allow'
  if (!isLimited) return rule.condition ?? 'always'
  const [action = '', resource = ''] = permission.split(':')
  return organisationLimit(vocabulary)(rule, { action, resource })
}

function explainedRule(
  { effect, inOrganisation, pattern, role, through, when: written }: HeldRule,
  reached: Reached,
  { caller, now, object }: ExplainedQuestion,
): ExplainedRule {
  const condition = reached === 'always' ? undefined : reached
  const when = condition?.source ?? written
  const holds = effect === 'deny' ? forbids : meets
  const isKnown = condition && (object || !readsRow(condition))
  return Object.freeze({
    ...{ effect, role, through, pattern },
    ...(inOrganisation && caller.organisation ? { organisation: caller.organisation } : {}),
    ...(when ? { when } : {}),
    ...(isKnown ? { met: holds(condition, object ?? {}, { caller, now }) } : {}),
    ...(reached === undefined ? { met: false } : {}),
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
    organisation: `${by} is held in an organisation and reaches no row of the resource from there`,
    scope: 'the scopes of the API key do not reach it',
    unknown: 'no such resource or action is declared',
    user_unknown: 'there is no such account',
    account_closed: 'the account is not in use',
    organisation_unknown: 'there is no such organisation, or the account does not belong to it',
  }
  return texts[reason]
}

function ruleText({ pattern, role, through }: ExplainedRule): string {
  const way = through.length > 0 ? `, inherited through ${through.join(', ')}` : ''
  return `${pattern} of the role ${role}${way}`
}
