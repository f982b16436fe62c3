import {
  addColumnSql,
  createIndexSql,
  createTableSql,
  dropColumnSql,
  dropIndexSql,
  dropTableSql,
} from './ddl.ts'
import { indexName, type Table } from './table.ts'
import type { DialectName } from './types.ts'

/** What a step makes. MySQL cannot roll DDL back, so a rerun looks whether it is there already. */
export interface Made {
  readonly kind: 'table' | 'column' | 'index'
  readonly table: string
  /** Name of the column or index. */
  readonly name: string
}

export type StatementsByDialect = Readonly<Record<DialectName, readonly string[]>>

/** One change of the schema, and the way back. */
export interface MigrationStep {
  readonly up: StatementsByDialect
  readonly down: StatementsByDialect
  /** Tables whose rows the step touches or locks. */
  readonly tables: readonly string[]
  /** What `up` makes and `down` removes; absent for free SQL. */
  readonly made?: Made
  /** May be run again after it stopped half-way, without a look at what is there. */
  readonly repeatable: boolean
}

/** A numbered change that runs once. Its name and text never change after a release. */
export interface Migration {
  /** `<room>/<four digits>_<words>`, for example `users/0001_create`. */
  readonly name: string
  readonly steps: readonly MigrationStep[]
}

/** Declares a migration. Throws an Error when the name is not as {@link Migration.name} says. */
export function migration(name: string, steps: readonly MigrationStep[]): Migration {
  if (!/^[a-z][a-z0-9-]*\/\d{4}_[a-z0-9_]+$/.test(name)) {
    throw new Error(`"${name}" is no name for a migration: room/0001_words`)
  }
  return Object.freeze({ name, steps })
}

function onAll(make: (dialect: DialectName) => string[]): StatementsByDialect {
  return { sqlite: make('sqlite'), postgres: make('postgres'), mysql: make('mysql') }
}

/** Parts of a table that later migrations add, and that its first one must not make. */
export interface LaterParts {
  readonly columns?: readonly string[]
  readonly indexes?: readonly string[]
}

/** Creates `table` with its keys and indexes, but for what `later` migrations add. */
export function createTable(table: Table, later: LaterParts = {}): MigrationStep {
  const first = without(table, later)
  return {
    up: onAll((dialect) => createTableSql(first, dialect)),
    down: onAll((dialect) => [dropTableSql(first, dialect)]),
    tables: [],
    made: { kind: 'table', table: table.name, name: table.name },
    repeatable: true,
  }
}

/** Adds one column of `table`; it must be nullable or have a default, for rows are there. */
export function addColumn(table: Table, name: string): MigrationStep {
  const facts = table.columns[name]?.facts
  if (facts && !facts.nullable && facts.fallback === undefined) {
    throw new Error(`A column added to rows that exist is nullable or has a default: ${name}`)
  }
  return {
    up: onAll((dialect) => [addColumnSql(table, name, dialect)]),
    down: onAll((dialect) => [dropColumnSql(table, name, dialect)]),
    tables: [table.name],
    made: { kind: 'column', table: table.name, name },
    repeatable: true,
  }
}

/** Creates one index or unique rule of `table`, by its short name. */
export function createIndex(table: Table, short: string): MigrationStep {
  return {
    up: onAll((dialect) => [createIndexSql(table, short, dialect)]),
    down: onAll((dialect) => [dropIndexSql(table, short, dialect)]),
    tables: [table.name],
    made: { kind: 'index', table: table.name, name: indexName(table, short) },
    repeatable: true,
  }
}

export interface FreeSql extends Readonly<Record<DialectName, string>> {
  readonly down: Readonly<Record<DialectName, string>>
  /** Tables whose rows it touches or locks. */
  readonly tables?: readonly string[]
  /** True when running it twice does no harm. Else a run that stopped half-way on MySQL must be mended by hand. */
  readonly repeatable: boolean
}

/**
 * One statement per engine in its own words; an empty text does nothing on that engine. Tables are
 * called by their `hf_` names, the prefix in use is put in their place.
 */
export function sqlStep(text: FreeSql): MigrationStep {
  const one = (sql: string): string[] => (sql === '' ? [] : [sql])
  const { down } = text
  return {
    up: onAll((dialect) => one(text[dialect])),
    down: onAll((dialect) => one(down[dialect])),
    tables: text.tables ?? [],
    repeatable: text.repeatable,
  }
}

function without(table: Table, later: LaterParts): Table {
  const keep = <T>(entries: Readonly<Record<string, T>>, dropped: readonly string[] = []) =>
    Object.fromEntries(Object.entries(entries).filter(([name]) => !dropped.includes(name)))
  return {
    ...table,
    columns: keep(table.columns, later.columns),
    unique: keep(table.unique, later.indexes),
    indexes: keep(table.indexes, later.indexes),
    foreignKeys: table.foreignKeys.filter(
      (key) => !key.columns.some((column) => later.columns?.includes(column)),
    ),
  }
}
