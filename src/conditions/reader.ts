import { didYouMean } from '../errors/index.ts'
import type { ConditionContext, ConditionFault } from './compile.ts'
import type { ColumnUse, Operator, Test } from './compiled.ts'
import type { TimeWindow } from './condition.ts'
import { isRecord, OperandReader, strangers } from './operands.ts'
import { compileWindow, isZone, minuteOf, weekdays } from './time-window.ts'

/** How deep a condition may lie, and of how many parts it may be. */
const bounds = { deepest: 8, mostParts: 64 } as const
/** The same for one that is limited to an organisation: a list around it, and a part beside it. */
const boundsThere = { deepest: bounds.deepest + 1, mostParts: bounds.mostParts + 2 } as const

const operators: readonly Operator[] = [
  'equals',
  'notEquals',
  'lessThan',
  'atMost',
  'moreThan',
  'atLeast',
]
const columnKeys: readonly string[] = [...operators, 'in', 'isNull']
const forms: readonly string[] = ['all', 'any', 'not', 'column', 'owner', 'tenant', 'time', 'level']

/** Reads one condition; what is wrong is added to the faults. */
export class Reader {
  readonly #context: ConditionContext
  readonly #faults: ConditionFault[]
  readonly #operands: OperandReader
  readonly #bounds: { readonly deepest: number; readonly mostParts: number }
  #parts = 0

  constructor(context: ConditionContext, faults: ConditionFault[]) {
    this.#context = context
    this.#faults = faults
    this.#operands = new OperandReader(context, faults)
    this.#bounds = context.inOrganisation ? boundsThere : bounds
  }

  read(value: unknown, path: string, depth = 1): Test | undefined {
    if (!isRecord(value)) return this.#refuse(path, 'must be a condition such as { owner: true }')
    const { deepest, mostParts } = this.#bounds
    this.#parts += 1
    if (this.#parts > mostParts) {
      return this.#parts === mostParts + 1
        ? this.#refuse(path, `is part ${this.#parts}: a condition has at most ${mostParts}`)
        : undefined
    }
    if (depth > deepest) return this.#refuse(path, `lies deeper than ${deepest} levels`)
    const form = forms.find((one) => Object.hasOwn(value, one))
    if (form === undefined) {
      return this.#refuse(path, `must have one of ${forms.join(', ')}`)
    }
    const allowed = form === 'column' ? ['column', ...columnKeys] : [form]
    const [stranger] = strangers(value, allowed)
    if (stranger !== undefined) {
      return this.#refuse(path, `holds '${stranger}' beside '${form}': ${expected(form)}`)
    }
    return this.#readForm(form, value, { path, depth })
  }

  #readForm(
    form: string,
    value: Readonly<Record<string, unknown>>,
    { path, depth }: { readonly path: string; readonly depth: number },
  ): Test | undefined {
    const place = `${path}.${form}`
    const inner = value[form]
    if (form === 'all' || form === 'any') return this.#group(form, inner, { place, depth })
    if (form === 'not') {
      const part = this.read(inner, place, depth + 1)
      return part && Object.freeze({ kind: 'not', part })
    }
    if (form === 'owner' || form === 'tenant') return this.#own(form, inner, place)
    if (form === 'time') return this.#time(inner, place)
    if (form === 'level') return this.#level(inner, place)
    return this.#comparison(value, path)
  }

  #group(
    kind: 'all' | 'any',
    value: unknown,
    { place, depth }: { readonly place: string; readonly depth: number },
  ): Test | undefined {
    if (!Array.isArray(value) || value.length === 0) {
      return this.#refuse(place, 'must be a list of at least one condition')
    }
    const parts: Test[] = []
    for (const [index, one] of value.entries()) {
      const part = this.read(one, `${place}[${index}]`, depth + 1)
      if (part) parts.push(part)
      if (this.#parts > this.#bounds.mostParts) break
    }
    return Object.freeze({ kind, parts: Object.freeze(parts) })
  }

  #own(form: 'owner' | 'tenant', value: unknown, place: string): Test | undefined {
    if (value !== true) return this.#refuse(place, 'must be true')
    const { name, resource } = this.#context
    const column = resource?.[form]
    if (column === false) {
      return this.#refuse(place, `is of no use: no row of '${name}' belongs to an organisation`)
    }
    if (column === undefined) {
      return this.#refuse(place, `needs a column '${form}' of the resource '${name}'`)
    }
    const of = form === 'owner' ? 'userId' : 'organisation'
    return Object.freeze({
      kind: 'compare',
      column: Object.freeze({ name: column, type: 'text' }),
      operator: 'equals',
      source: Object.freeze({ from: 'caller', of }),
    })
  }

  #comparison(value: Readonly<Record<string, unknown>>, path: string): Test | undefined {
    const column = this.#column(value.column, `${path}.column`)
    const given = columnKeys.filter((key) => Object.hasOwn(value, key))
    const [key] = given
    if (key === undefined || given.length > 1) {
      return this.#refuse(path, `must have exactly one of ${columnKeys.join(', ')}`)
    }
    if (!column) return undefined
    const place = `${path}.${key}`
    const operand = value[key]
    if (key === 'isNull') {
      if (typeof operand !== 'boolean') return this.#refuse(place, 'must be true or false')
      return Object.freeze({ kind: 'null', column, isNull: operand })
    }
    if (key === 'in') {
      const source = this.#operands.members(operand, column, place)
      return source && Object.freeze({ kind: 'member', column, source })
    }
    return this.#compare(column, key as Operator, { operand, place })
  }

  #compare(
    column: ColumnUse,
    operator: Operator,
    { operand, place }: { readonly operand: unknown; readonly place: string },
  ): Test | undefined {
    const isOrder = operator !== 'equals' && operator !== 'notEquals'
    if (isOrder && column.type === 'boolean') {
      return this.#refuse(place, 'does not suit a boolean, which knows equals and notEquals')
    }
    const source = this.#operands.one(operand, column, place)
    return source && Object.freeze({ kind: 'compare', column, operator, source })
  }

  #column(value: unknown, place: string): ColumnUse | undefined {
    const { name, resource } = this.#context
    const columns = resource?.columns ?? {}
    if (typeof value === 'string' && Object.hasOwn(columns, value)) {
      const type = columns[value]
      if (type) return Object.freeze({ name: value, type })
    }
    const known = Object.keys(columns)
    const near = typeof value === 'string' ? didYouMean(value, known) : ''
    const names = known.length > 0 ? `Its columns are ${known.join(', ')}` : 'It declares none'
    return this.#refuse(place, `is no column of the resource '${name}'.${near} ${names}`)
  }

  #time(value: unknown, place: string): Test | undefined {
    if (!isRecord(value)) return this.#refuse(place, 'must be { from, to, zone, days? }')
    const before = this.#faults.length
    const [stranger] = strangers(value, ['from', 'to', 'zone', 'days'])
    if (stranger !== undefined) this.#refuse(place, `holds '${stranger}'`)
    this.#clock(value, place)
    const { zone, days } = value
    if (typeof zone !== 'string' || !isZone(zone)) {
      this.#refuse(`${place}.zone`, `must be 'UTC' or an IANA zone such as 'Europe/Berlin'`)
    }
    if (days !== undefined && !isDays(days)) {
      this.#refuse(`${place}.days`, `must be a list of ${weekdays.join(', ')}, each once`)
    }
    if (this.#faults.length > before) return undefined
    return Object.freeze({ kind: 'time', window: compileWindow(value as unknown as TimeWindow) })
  }

  #clock({ from, to }: Readonly<Record<string, unknown>>, place: string): void {
    const start = typeof from === 'string' && from !== '24:00' ? minuteOf(from) : undefined
    const end = typeof to === 'string' ? minuteOf(to) : undefined
    if (start === undefined) this.#refuse(`${place}.from`, `must be a time such as '08:00'`)
    if (end === undefined) this.#refuse(`${place}.to`, `must be a time such as '17:30', or '24:00'`)
    if (start !== undefined && start === end) {
      this.#refuse(`${place}.to`, `is the same as 'from'; the whole day is from '00:00' to '24:00'`)
    }
  }

  #level(value: unknown, place: string): Test | undefined {
    if (value !== 1 && value !== 2) return this.#refuse(place, 'must be 1 or 2')
    return Object.freeze({ kind: 'level', level: value })
  }

  #refuse(path: string, problem: string): undefined {
    this.#faults.push({ path, problem })
    return undefined
  }
}

function expected(form: string): string {
  return form === 'column'
    ? `a column goes with one of ${columnKeys.join(', ')}`
    : `write { all: [...] } around them`
}

function isDays(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0 || new Set(value).size < value.length)
    return false
  return value.every((day) => weekdays.includes(day))
}
