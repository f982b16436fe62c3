import { type Comparison, difference, type Figure, figureOf, ratio } from './stats.ts'

/** How often one control let pass and refused, as seen from outside. */
export interface Decisions {
  readonly allowed: number
  /** Left out where the control never refuses, as headers do not. */
  readonly refused?: number
}

/** What one kind gave: rounds by process by metric, and its controls' decisions. */
export interface Measured {
  readonly kind: string
  readonly metrics: Readonly<Record<string, readonly (readonly number[])[]>>
  readonly decisions?: Readonly<Record<string, Decisions>>
  /** Why its numbers cannot be believed, such as answers of another status. */
  readonly faults?: readonly string[]
}

/** `cheaper` does less than `dearer`. Where it costs more all the same, the run says nothing. */
export interface Control {
  readonly cheaper: string
  readonly dearer: string
  readonly metric: string
}

/** A goal of the design: a figure, a difference to another kind, or a ratio to one. */
export interface Goal {
  readonly text: string
  readonly metric: string
  readonly of: string
  readonly over?: string
  readonly to?: string
  readonly atMost?: number
  readonly atLeast?: number
}

export interface Plan {
  /** The metric by which kinds are compared. */
  readonly metric: string
  /** The kind that the others are set against. */
  readonly baseline: string
  readonly controls: readonly Control[]
  readonly goals: readonly Goal[]
}

export interface KindResult {
  readonly kind: string
  readonly figures: Readonly<Record<string, Figure>>
  readonly overBaseline: Comparison | undefined
  readonly decisions: Readonly<Record<string, Decisions>>
}

export interface GoalResult {
  readonly text: string
  readonly bound: string
  readonly value: number
  readonly spread: number
  /** `unresolved`: the value is nearer to the bound than the spread. */
  readonly verdict: 'met' | 'missed' | 'unresolved'
}

export interface Judgement {
  readonly kinds: readonly KindResult[]
  readonly goals: readonly GoalResult[]
  /** Reasons for which the run says nothing; empty for a run that counts. */
  readonly voids: readonly string[]
}

/** Turns measurements into figures, differences, verdicts on goals, and reasons to believe none. */
export function judge(plan: Plan, measured: readonly Measured[]): Judgement {
  const figures = new Map(measured.map((kind) => [kind.kind, figuresOf(kind)]))
  const find = (kind: string, metric: string): Figure => {
    const figure = figures.get(kind)?.[metric]
    if (!figure) throw new Error(`nothing was measured: ${metric} of ${kind}`)
    return figure
  }
  const baseline = find(plan.baseline, plan.metric)
  return {
    kinds: measured.map(({ decisions = {}, kind }) => ({
      kind,
      decisions,
      figures: figures.get(kind) ?? {},
      overBaseline:
        kind === plan.baseline ? undefined : difference(find(kind, plan.metric), baseline),
    })),
    goals: plan.goals.map((goal) => judgeGoal(goal, find)),
    voids: [
      ...voidsOf(measured),
      ...plan.controls.flatMap((control) => judgeControl(control, find)),
    ],
  }
}

type Find = (kind: string, metric: string) => Figure

function figuresOf({ metrics }: Measured): Record<string, Figure> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, processes]) => [name, figureOf(processes)]),
  )
}

function voidsOf(measured: readonly Measured[]): string[] {
  return measured.flatMap(({ decisions = {}, faults = [], kind }) => [
    ...faults.map((fault) => `${kind}: ${fault}`),
    ...Object.entries(decisions).flatMap(([control, { allowed, refused }]) => [
      ...(allowed > 0 ? [] : [`${kind}: ${control} let nothing pass`]),
      ...(refused === undefined || refused > 0 ? [] : [`${kind}: ${control} refused nothing`]),
    ]),
  ])
}

function judgeControl({ cheaper, dearer, metric }: Control, find: Find): string[] {
  const low = find(cheaper, metric).value
  const high = find(dearer, metric).value
  if (low <= high) return []
  return [
    `${cheaper} must be cheaper than ${dearer}: ${metric} ${low.toFixed(1)} > ${high.toFixed(1)}`,
  ]
}

function judgeGoal(goal: Goal, find: Find): GoalResult {
  const { value, spread } = measureOf(goal, find)
  const bound = goal.atMost ?? goal.atLeast ?? Number.NaN
  const good = goal.atMost === undefined ? value >= bound : value <= bound
  const clear = Math.abs(value - bound) > spread
  const sign = goal.atMost === undefined ? 'at least' : 'at most'
  return {
    text: goal.text,
    bound: `${sign} ${bound}`,
    value,
    spread,
    verdict: clear ? (good ? 'met' : 'missed') : 'unresolved',
  }
}

function measureOf(goal: Goal, find: Find): { readonly value: number; readonly spread: number } {
  const of = find(goal.of, goal.metric)
  if (goal.over !== undefined) return difference(of, find(goal.over, goal.metric))
  if (goal.to !== undefined) return ratio(of, find(goal.to, goal.metric))
  return of
}
