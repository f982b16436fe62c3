import type { ColumnUse, CompiledCondition, Test } from './compiled.ts'
import type { AttributeType, Condition, ResourceShape } from './condition.ts'
import { contradictions } from './contradictions.ts'
import { Reader } from './reader.ts'

/** What a condition may speak of. */
export interface ConditionContext {
  /** The resource's columns; absent where it has none, so that a condition reads no row. */
  readonly resource: ResourceShape | undefined
  /** The resource's name, for messages. */
  readonly name: string
  /** Facts about callers by type. */
  readonly attributes: Readonly<Record<string, AttributeType>>
  /** It is a condition that was read already, within `{ all: [{ tenant: true }, ...] }`: there is room for that. */
  readonly inOrganisation?: boolean
}

/** One thing wrong with a condition. `path` leads to it from the condition, such as `.all[1].column`. */
export interface ConditionFault {
  readonly path: string
  readonly problem: string
}

export type ConditionVerdict =
  | { readonly ok: true; readonly condition: CompiledCondition }
  | { readonly ok: false; readonly faults: readonly ConditionFault[] }

/**
 * Checks plain data against the language and the resource's columns: shape, types of operands,
 * bounds (depth 8, 64 parts) and contradictions, by which no row could ever be meant. Never throws;
 * whatever is wrong is told with its place.
 */
export function compileCondition(condition: unknown, context: ConditionContext): ConditionVerdict {
  const faults: ConditionFault[] = []
  const compiled = attempt(condition, context, faults)
  if (!compiled || faults.length > 0) return { ok: false, faults: Object.freeze(faults) }
  return { ok: true, condition: compiled }
}

/** Only what behaves like no data at all throws: proxies and getters. */
function attempt(
  condition: unknown,
  context: ConditionContext,
  faults: ConditionFault[],
): CompiledCondition | undefined {
  try {
    const source = structuredClone(condition)
    const test = new Reader(context, faults).read(source, '')
    if (!test || faults.length > 0) return undefined
    faults.push(...contradictions(test))
    return freeze({ source: source as Condition, test, columns: columnsOf(test) })
  } catch {
    faults.push({ path: '', problem: 'must be plain data, as JSON has it' })
    return undefined
  }
}

function columnsOf(test: Test): readonly ColumnUse[] {
  const found = new Map<string, ColumnUse>()
  const visit = (one: Test): void => {
    if ('column' in one) found.set(one.column.name, one.column)
    if (one.kind === 'not') visit(one.part)
    if (one.kind === 'all' || one.kind === 'any') for (const part of one.parts) visit(part)
  }
  visit(test)
  return [...found.values()]
}

function freeze(condition: CompiledCondition): CompiledCondition {
  freezeData(condition.source)
  return Object.freeze({ ...condition, columns: Object.freeze(condition.columns) })
}

function freezeData(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const part of Object.values(value)) freezeData(part)
  Object.freeze(value)
}
