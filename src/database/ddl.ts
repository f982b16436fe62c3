// holdfast-ignore-sql-file: table and column names are constants of the migrations, quoted for each engine
import type { ColumnFacts } from './columns.ts'
import { type ForeignKey, indexName, type Table } from './table.ts'
import type { DialectName } from './types.ts'

/*
 * The text made here is frozen: its checksum is stored when a migration has run. A change of this
 * file changes the past, and each installation would refuse to start; ddl.test.ts holds the text.
 *
 * On MySQL 8 the collations are other ones, see mysqlFlavour in migration-text.ts.
 */
const mysqlText = 'character set utf8mb4 collate utf8mb4_nopad_bin'

/** `create table` with its indexes. One statement on MySQL, where DDL cannot be rolled back. */
export function createTableSql(table: Table, dialect: DialectName): string[] {
  const inline = dialect === 'mysql' ? plainIndexes(table) : []
  const lines = [
    ...Object.keys(table.columns).map((name) => columnSql(table, name, dialect)),
    `primary key (${list(table.primaryKey, dialect)})`,
    ...uniqueRules(table, dialect),
    ...table.foreignKeys.map((key) => foreignKeySql(table, key, dialect)),
    ...inline,
  ]
  const create = `create table ${quote(table.name, dialect)} (\n  ${lines.join(',\n  ')}\n)${suffix(dialect)}`
  if (dialect === 'mysql') return [create]
  const indexes = Object.keys(table.indexes).map((name) => createIndexSql(table, name, dialect))
  return [create, ...indexes]
}

/** `create index` for one index or unique rule of `table`. */
export function createIndexSql(table: Table, short: string, dialect: DialectName): string {
  const unique = table.unique[short]
  const columns = unique ?? table.indexes[short]
  if (!columns) throw new Error(`${table.name} has no index ${short}`)
  const name = quote(indexName(table, short), dialect)
  const target = `${quote(table.name, dialect)} (${list(columns, dialect)})`
  return `create ${unique ? 'unique ' : ''}index ${name} on ${target}`
}

/** `drop index`. */
export function dropIndexSql(table: Table, short: string, dialect: DialectName): string {
  const name = quote(indexName(table, short), dialect)
  if (dialect === 'mysql') return `drop index ${name} on ${quote(table.name, dialect)}`
  return `drop index ${name}`
}

/** `alter table .. add column`. */
export function addColumnSql(table: Table, name: string, dialect: DialectName): string {
  return `alter table ${quote(table.name, dialect)} add column ${columnSql(table, name, dialect)}`
}

/** `alter table .. drop column`. */
export function dropColumnSql(table: Table, name: string, dialect: DialectName): string {
  return `alter table ${quote(table.name, dialect)} drop column ${quote(name, dialect)}`
}

/** `drop table`. */
export function dropTableSql(table: Table, dialect: DialectName): string {
  return `drop table ${quote(table.name, dialect)}`
}

function quote(name: string, dialect: DialectName): string {
  return dialect === 'mysql' ? `\`${name}\`` : `"${name}"`
}

function list(names: readonly string[], dialect: DialectName): string {
  return names.map((name) => quote(name, dialect)).join(', ')
}

function suffix(dialect: DialectName): string {
  if (dialect === 'sqlite') return ' strict'
  return dialect === 'mysql' ? ` engine=InnoDB default ${mysqlText}` : ''
}

function uniqueRules(table: Table, dialect: DialectName): string[] {
  return Object.entries(table.unique).map(([short, columns]) => {
    const name = quote(indexName(table, short), dialect)
    return `constraint ${name} unique (${list(columns, dialect)})`
  })
}

function plainIndexes(table: Table): string[] {
  return Object.entries(table.indexes).map(
    ([short, columns]) =>
      `index ${quote(indexName(table, short), 'mysql')} (${list(columns, 'mysql')})`,
  )
}

function foreignKeySql(table: Table, key: ForeignKey, dialect: DialectName): string {
  const name = quote(`${table.name}_fk_${key.columns.join('_')}`, dialect)
  const target = `${quote(key.table, dialect)} (${list(key.references, dialect)})`
  return `constraint ${name} foreign key (${list(key.columns, dialect)}) references ${target} on delete ${key.onDelete}`
}

function columnSql(table: Table, name: string, dialect: DialectName): string {
  const facts = table.columns[name]?.facts
  if (!facts) throw new Error(`${table.name} has no column ${name}`)
  const quoted = quote(name, dialect)
  return [
    `${quoted} ${typeSql(facts, dialect)}`,
    facts.nullable ? 'null' : 'not null',
    ...(facts.fallback === undefined ? [] : [`default ${literal(facts.fallback)}`]),
    ...checkSql(facts, quoted, dialect),
  ].join(' ')
}

function literal(value: string | number): string {
  return typeof value === 'number' ? String(value) : `'${value}'`
}

function typeSql(facts: ColumnFacts, dialect: DialectName): string {
  const types = { sqlite: sqliteType, postgres: postgresType, mysql: mysqlType }
  return types[dialect](facts)
}

function sqliteType({ kind }: ColumnFacts): string {
  if (kind === 'bytes') return 'blob'
  return kind === 'time' || kind === 'integer' || kind === 'boolean' ? 'integer' : 'text'
}

function postgresType({ kind, length }: ColumnFacts): string {
  if (kind === 'bytes') return 'bytea'
  if (kind === 'time' || kind === 'integer') return 'bigint'
  if (kind === 'boolean') return 'integer'
  return `${length === undefined ? 'text' : `varchar(${length})`} collate "C"`
}

function mysqlType({ kind, length }: ColumnFacts): string {
  if (kind === 'bytes') return length === undefined ? 'longblob' : `varbinary(${length})`
  if (kind === 'time' || kind === 'integer') return 'bigint'
  if (kind === 'boolean') return 'int'
  return `${length === undefined ? 'longtext' : `varchar(${length})`} ${mysqlText}`
}

/** What the type alone does not say on this engine: booleans, and lengths that SQLite ignores. */
function checkSql({ kind, length }: ColumnFacts, quoted: string, dialect: DialectName): string[] {
  if (kind === 'boolean') return [`check (${quoted} in (0, 1))`]
  if (length === undefined || dialect === 'mysql') return []
  if (kind === 'bytes' && dialect === 'postgres')
    return [`check (octet_length(${quoted}) <= ${length})`]
  return dialect === 'sqlite' ? [`check (length(${quoted}) <= ${length})`] : []
}
