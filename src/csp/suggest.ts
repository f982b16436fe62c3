import { type CspAdviceCode, cspAdvice } from './advice.ts'
import { decidingDirective, type Policy } from './directives.ts'
import { type Judgement, judgeFinding } from './judge.ts'
import type { SentFinding } from './store.ts'

/** What findings are held against. */
export interface SuggestionBase {
  /** Every directive of the policy they are about. */
  readonly policy: Policy
  /** What the options change of Holdfast's own policy. */
  readonly changes: Readonly<Record<string, readonly string[] | false>>
  readonly disposition: 'enforce' | 'report'
  readonly option: 'directives' | 'candidate'
  /** Whether one client alone is believed. */
  readonly believesOne: boolean
  /** The app is served over HTTPS. */
  readonly secure: boolean
}

/** A source that the policy would have to name. */
export interface CspSourceSuggestion {
  /** The directive to name it in. */
  readonly directive: string
  readonly source: string
  readonly reports: number
  readonly clients: number
  /** On no day has more than one client reported it. In production it is then not in `directives`. */
  readonly byOneClient: boolean
  readonly routes: readonly string[]
}

/** Something that the pages have to change instead. */
export interface CspPageAdvice {
  readonly code: CspAdviceCode
  readonly directive: string
  readonly blocked: string
  readonly reports: number
  readonly routes: readonly string[]
  /** In English, for developers. */
  readonly todo: string
}

/** The tightest policy that would have let pass what was reported. */
export interface CspSuggestion {
  /** `report` while a policy is on trial: then only what that one would block counts. */
  readonly disposition: 'enforce' | 'report'
  /** Which option to write: `headers.contentSecurityPolicy.directives`, or those of `candidate`. */
  readonly option: 'directives' | 'candidate'
  /**
   * What to write there: every change of Holdfast's own policy, those that are made already included. What
   * one client alone reported is left out, but in development.
   */
  readonly directives: Readonly<Record<string, readonly string[] | false>>
  readonly sources: readonly CspSourceSuggestion[]
  readonly advice: readonly CspPageAdvice[]
  /** How many reports it rests on, and how many were left out: extensions, and what is allowed by now. */
  readonly reports: number
  readonly leftOut: number
  /** Reports about a policy on trial, while these options have none: it is one of other options. */
  readonly onTrial: number
  /** The most days on which one thing was reported. */
  readonly days: number
  /** Epoch milliseconds; null without reports. */
  readonly firstAt: number | null
  readonly lastAt: number | null
}

const mostRoutes = 5

/** Holds findings of one policy against it. Pure; what it refuses to allow it gives advice about. */
export function suggestPolicy(
  findings: readonly SentFinding[],
  base: SuggestionBase,
): CspSuggestion {
  const own = findings.filter(({ disposition }) => disposition === base.disposition)
  const judged = own.map((finding) => ({ finding, judgement: judgeFinding(finding, base) }))
  const counted = judged.filter(({ judgement }) => judgement.kind !== 'left_out')
  const sources = sourcesOf(counted, base.policy)
  const believed = sources.filter(({ byOneClient }) => base.believesOne || !byOneClient)
  return {
    ...{ disposition: base.disposition, option: base.option },
    directives: changesWith(believed, base),
    sources,
    advice: adviceOf(counted),
    reports: sum(counted.map(({ finding }) => finding.reports)),
    leftOut:
      sum(own.map(({ reports }) => reports)) - sum(counted.map((one) => one.finding.reports)),
    onTrial: base.disposition === 'report' ? 0 : trialOf(findings),
    days: Math.max(0, ...counted.map(({ finding }) => finding.days)),
    firstAt: edge(
      counted.map(({ finding }) => finding.firstAt),
      Math.min,
    ),
    lastAt: edge(
      counted.map(({ finding }) => finding.lastAt),
      Math.max,
    ),
  }
}

function trialOf(findings: readonly SentFinding[]): number {
  return sum(
    findings.filter(({ disposition }) => disposition === 'report').map(({ reports }) => reports),
  )
}

interface Judged {
  readonly finding: SentFinding
  readonly judgement: Judgement
}

function sourcesOf(judged: readonly Judged[], policy: Policy): CspSourceSuggestion[] {
  const groups = groupBy(judged, ({ finding, judgement }) =>
    judgement.kind === 'allow' ? `${placeFor(finding.directive, policy)} ${judgement.source}` : '',
  )
  return groups.map(([key, group]) => {
    const [directive = '', source = ''] = key.split(' ')
    const clients = sum(group.map((one) => one.clients))
    const byOneClient = !group.some((one) => one.bySeveral)
    return { directive, source, ...totalsOf(group), clients, byOneClient }
  })
}

function adviceOf(judged: readonly Judged[]): CspPageAdvice[] {
  const groups = groupBy(judged, ({ finding, judgement }) =>
    judgement.kind === 'advise' ? `${judgement.code} ${finding.directive} ${finding.blocked}` : '',
  )
  return groups.map(([key, group]) => {
    const [code, directive = '', blocked = ''] = key.split(' ') as [CspAdviceCode, string, string]
    return { code, directive, blocked, ...totalsOf(group), todo: cspAdvice[code] }
  })
}

/** Findings by a key, the most frequent group first; those without a key are left out. */
function groupBy(
  judged: readonly Judged[],
  keyOf: (one: Judged) => string,
): readonly (readonly [string, readonly SentFinding[]])[] {
  const groups = Map.groupBy(judged, keyOf)
  groups.delete('')
  return [...groups]
    .map(([key, group]) => [key, group.map(({ finding }) => finding)] as const)
    .sort(([, a], [, b]) => totalsOf(b).reports - totalsOf(a).reports)
}

function totalsOf(group: readonly SentFinding[]) {
  const routes = [...new Set(group.map(({ route }) => route))].slice(0, mostRoutes)
  return { reports: sum(group.map(({ reports }) => reports)), routes }
}

/** Where a source is named: the directive that decided, unless that one decides about more than was asked. */
function placeFor(directive: string, policy: Policy): string {
  const deciding = decidingDirective(policy, directive)
  const isWider =
    deciding === 'default-src' || (deciding === 'script-src' && directive === 'worker-src')
  return deciding === undefined || isWider ? directive : deciding
}

/** What the options change now, and the sources beside what each directive has. */
function changesWith(
  sources: readonly CspSourceSuggestion[],
  { changes, policy }: SuggestionBase,
): Readonly<Record<string, readonly string[] | false>> {
  const lists = new Map<string, readonly string[] | false>(Object.entries(changes))
  for (const { directive, source } of sources) {
    const before = lists.get(directive) || (policy[directive] ?? [])
    const kept = before.filter((one) => one !== "'none'" && one !== source)
    lists.set(directive, [...kept, source])
  }
  return Object.fromEntries(lists)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

function edge(numbers: readonly number[], pick: (...numbers: number[]) => number): number | null {
  return numbers.length === 0 ? null : pick(...numbers)
}
