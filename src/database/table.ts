import type { Column } from './columns.ts'

type AnyColumn = Column<unknown>

export interface ForeignKey<Name extends string = string> {
  readonly columns: readonly Name[]
  /** The table referred to. */
  readonly table: string
  readonly references: readonly string[]
  readonly onDelete: 'cascade' | 'restrict' | 'set null'
}

export interface TableDefinition<Columns extends Readonly<Record<string, AnyColumn>>> {
  readonly columns: Columns
  readonly primaryKey: readonly (keyof Columns & string)[]
  /** Unique rules: short name -> columns. The index is called `<table>_<name>`. */
  readonly unique?: Readonly<Record<string, readonly (keyof Columns & string)[]>>
  /** Other indexes: short name -> columns. The index is called `<table>_<name>`. */
  readonly indexes?: Readonly<Record<string, readonly (keyof Columns & string)[]>>
  readonly foreignKeys?: readonly ForeignKey<keyof Columns & string>[]
}

/** A table, its name and what its DDL is made of. */
export interface Table<
  Columns extends Readonly<Record<string, AnyColumn>> = Readonly<Record<string, AnyColumn>>,
> {
  readonly name: string
  readonly columns: Columns
  readonly primaryKey: readonly string[]
  readonly unique: Readonly<Record<string, readonly string[]>>
  readonly indexes: Readonly<Record<string, readonly string[]>>
  readonly foreignKeys: readonly ForeignKey[]
}

/** The row of a table as kysely sees it, for `Tables`. */
export type TableRow<T extends Table> = {
  [K in keyof T['columns']]: T['columns'][K] extends Column<infer V> ? V : never
}

const identifier = /^[a-z][a-z0-9_]{0,47}$/
const maxKeyBytes = 2_600

/**
 * Declares a table once for all engines. Throws an Error that names the fault: a name that some
 * engine refuses, a key too long for PostgreSQL's pages, a foreign key without an index.
 */
export function defineTable<const Columns extends Readonly<Record<string, AnyColumn>>>(
  name: string,
  definition: TableDefinition<Columns>,
): Table<Columns> {
  const { columns, primaryKey, unique = {}, indexes = {}, foreignKeys = [] } = definition
  const table = { name, columns, primaryKey, unique, indexes, foreignKeys }
  checkNames(table)
  checkKeys(table)
  checkForeignKeys(table)
  return Object.freeze(table)
}

/** The full name of an index of `table`. */
export function indexName(table: Table, short: string): string {
  return `${table.name}_${short}`
}

function checkNames(table: Table): void {
  const full = Object.keys({ ...table.unique, ...table.indexes }).map((n) => indexName(table, n))
  for (const name of [table.name, ...Object.keys(table.columns), ...full]) {
    if (!identifier.test(name)) {
      throw new Error(`"${name}" is no name for a table, column or index: a-z, 0-9, _; at most 48`)
    }
  }
  if (!table.name.startsWith('hf_'))
    throw new Error(`The name of table ${table.name} begins with hf_`)
}

function checkKeys(table: Table): void {
  const keys = { primaryKey: table.primaryKey, ...table.unique, ...table.indexes }
  for (const [name, columns] of Object.entries(keys)) {
    const bytes = columns.reduce((sum, column) => sum + keyBytes(table, column), 0)
    if (columns.length === 0 || bytes > maxKeyBytes) {
      throw new Error(`Key ${name} of ${table.name} is empty, or longer than ${maxKeyBytes} bytes`)
    }
  }
}

function keyBytes(table: Table, name: string): number {
  const facts = table.columns[name]?.facts
  if (!facts) throw new Error(`${table.name} has no column ${name}`)
  if (facts.kind === 'id') return 36 * 4
  if (facts.kind === 'text') return (facts.length ?? 0) * 4
  if (facts.kind === 'bytes') return facts.length ?? Number.POSITIVE_INFINITY
  return facts.kind === 'json' || facts.kind === 'longText' ? Number.POSITIVE_INFINITY : 8
}

/** Without an index each delete of the row referred to would read the whole table. */
function checkForeignKeys(table: Table): void {
  const keys = [table.primaryKey, ...Object.values(table.unique), ...Object.values(table.indexes)]
  for (const { columns } of table.foreignKeys) {
    const covered = keys.some((key) => columns.every((column, i) => key[i] === column))
    if (!covered) throw new Error(`${table.name} needs an index that begins with ${columns.join()}`)
  }
}
