import type { ConditionCaller } from '../../src/conditions/index.ts'
import type { RowRules } from '../../src/rows/index.ts'
import { type Case, shape, type Thing } from './things.ts'

// What the guide says, written down a second time and as plainly as can be: 1 is true, 0 false, ½ unknown.

type Loose = Readonly<Record<string, unknown>>

/** Whether a case lets a row through, by the reference. */
export function lets({ allow, deny, ...scene }: Case, row: Thing): boolean {
  const some = (rules: RowRules, untold: number) =>
    rules === true ||
    rules.some(({ source }) => truth(source as unknown as Loose, row, { ...scene, untold }) === 1)
  return some(allow, 0.5) && !some(deny, 1)
}

interface Scene {
  readonly caller: ConditionCaller
  readonly now: number
  /** What a comparison is with a fact that nobody told: in a denial it is met, negated or not. */
  readonly untold: number
}

function truth(condition: Loose, row: Thing, scene: Scene): number {
  const inner = (parts: unknown) => (parts as Loose[]).map((part) => truth(part, row, scene))
  if ('all' in condition) return Math.min(...inner(condition.all))
  if ('any' in condition) return Math.max(...inner(condition.any))
  if ('not' in condition) {
    return 1 - truth(condition.not as Loose, row, { ...scene, untold: 1 - scene.untold })
  }
  if ('owner' in condition) return same(row[shape.owner], scene.caller.userId, scene)
  if ('tenant' in condition) return same(row[shape.tenant], scene.caller.organisation, scene)
  if ('level' in condition) return Number(scene.caller.level >= Number(condition.level))
  if ('time' in condition) return inWindow(condition.time as Loose, scene.now)
  return compared(condition, row, scene)
}

function same(left: unknown, right: unknown, { untold }: Scene): number {
  if (right === undefined || right === '') return untold
  return left === null ? 0.5 : Number(left === right)
}

function compared(condition: Loose, row: Thing, { caller, untold }: Scene): number {
  const left = row[String(condition.column)]
  if ('isNull' in condition) return Number((left === null) === condition.isNull)
  const [operator = ''] = Object.keys(condition).filter((key) => key !== 'column')
  const right = operandValue(condition[operator], caller)
  if (right === null || right === undefined) return untold
  if (left === null) return 0.5
  if (operator === 'in') return Number((right as unknown[]).some((one) => order(left, one) === 0))
  const sign = order(left, right)
  const truths: Record<string, boolean> = {
    equals: sign === 0,
    notEquals: sign !== 0,
    lessThan: sign < 0,
    atMost: sign <= 0,
    moreThan: sign > 0,
    atLeast: sign >= 0,
  }
  return Number(truths[operator])
}

function operandValue(operand: unknown, caller: ConditionCaller): unknown {
  if (typeof operand !== 'object' || operand === null || Array.isArray(operand)) return operand
  const { attribute, caller: which } = operand as Loose
  if (which !== undefined) return caller[which as 'userId' | 'organisation'] || null
  return caller.attributes?.[String(attribute)]
}

function order(left: unknown, right: unknown): number {
  if (typeof left === 'string') return Buffer.compare(Buffer.from(left), Buffer.from(String(right)))
  return Math.sign(Number(left) - Number(right))
}

function inWindow({ from, to, zone, days }: Loose, now: number): number {
  const at = new Date(now).toLocaleString('en-GB', { timeZone: String(zone), hour12: false })
  const [, day, month, year, time = ''] = /^(\d+)\/(\d+)\/(\d+), (\d\d:\d\d)/.exec(at) ?? []
  const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
  const index = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDay()
  const on = (one: number) => !days || (days as string[]).includes(names[(one + 7) % 7] ?? '')
  if (String(from) < String(to))
    return Number(time >= String(from) && time < String(to) && on(index))
  return Number((time >= String(from) && on(index)) || (time < String(to) && on(index - 1)))
}
