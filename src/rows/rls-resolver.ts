// holdfast-ignore-sql-file: names are checked and quoted by the dialect, numbers come from checked conditions
import type { AttributeType, CompareTest, CompiledWindow } from '../conditions/index.ts'
import { anyOf, type Formula, isUntold, memberOf, type Operand, type Resolver } from './formula.ts'
import { literal, setting } from './rls-text.ts'
import { settingNames } from './settings.ts'

type RowlessTest = Parameters<Resolver['withoutRow']>[0]

/**
 * For policies nothing of the caller is known yet: it is read from the settings of the transaction.
 * A setting that is not there is NULL, and so is whatever is compared with it: `untold` says whether
 * that counts as met, as it does in denials. The sub-selects are evaluated once a statement, not once a row.
 */
export function settingResolver(untold: boolean): Resolver {
  return Object.freeze({ ...ofSettings, untold, member: memberBy(untold) })
}

function memberBy(untold: boolean): Resolver['member'] {
  return ({ column, source }, isIn) => {
    if (source.from === 'literals') {
      const operands = source.values.map((value) => ({ value: value as string | number }))
      return memberOf(column, operands, isIn)
    }
    const { sql, collate } = list(source.name, source.type)
    const among = (name: string) => `${name}${collate} = any (${sql})`
    const outside = (name: string) => `${name} is not null and ${name}${collate} <> all (${sql})`
    const found: Formula = { kind: 'sql', column, sql: isIn ? among : outside }
    return untold ? anyOf([isUntold(sql), found]) : found
  }
}

const ofSettings: Pick<Resolver, 'operand' | 'withoutRow'> = Object.freeze({
  operand: ({ source }: CompareTest): Operand => {
    if (source.from === 'caller') return { sql: setting(settingNames[source.of]) }
    return source.from === 'literal'
      ? { value: typeof source.value === 'boolean' ? Number(source.value) : source.value }
      : { sql: attribute(source.name, source.type) }
  },
  withoutRow: (test: RowlessTest, wanted: boolean): Formula => {
    const level = `${setting(settingNames.level)}::int`
    const met = test.kind === 'time' ? within(test.window) : `${level} >= ${test.level}`
    return { kind: 'sql', sql: () => (wanted ? met : `not (${met})`) }
  },
})

const attributes = `nullif(current_setting('${settingNames.attributes}', true), '')::jsonb`

/** Casts by which the text of an attribute becomes what its column is compared with. */
const casts: Readonly<Partial<Record<AttributeType, string>>> = Object.freeze({
  number: '::float8',
  boolean: '::boolean::int',
  instant: '::bigint',
})

function attribute(name: string, type: AttributeType): string {
  return `(select (${attributes} ->> ${literal(name)})${casts[type] ?? ''})`
}

/** The members of a list, or NULL where the attribute was not given. */
function list(name: string, type: AttributeType): { sql: string; collate: string } {
  const item = type === 'text[]' ? 'text' : 'float8'
  const value = `${attributes} -> ${literal(name)}`
  const members = `array(select item::${item} from jsonb_array_elements_text(${value}) as list(item))`
  return {
    sql: `(select case jsonb_typeof(${value}) when 'array' then ${members} end)::${item}[]`,
    collate: type === 'text[]' ? '::text collate "C"' : '',
  }
}

/** Whether the moment of the settings lies in the window, by the clock of its zone. */
function within({ fromMinute, toMinute, zone, days }: CompiledWindow): string {
  const moment = `to_timestamp(${setting(settingNames.now)}::float8 / 1000) at time zone ${literal(zone)}`
  const eve = days.map((day) => (day === 7 ? 1 : day + 1))
  const holds =
    fromMinute < toMinute
      ? `minute >= ${fromMinute} and minute < ${toMinute} and day in (${days.join(', ')})`
      : `(minute >= ${fromMinute} and day in (${days.join(', ')})) or (minute < ${toMinute} and day in (${eve.join(', ')}))`
  return `(select ${holds} from (select (extract(hour from moment) * 60 + extract(minute from moment))::int, extract(isodow from moment)::int from (select ${moment}) as now(moment)) as clock(minute, day))`
}
