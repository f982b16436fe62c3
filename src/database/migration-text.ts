import { createHash } from 'node:crypto'
import type { Migration, MigrationStep } from './migration.ts'
import { renameInText } from './rename-plugin.ts'
import type { DialectName, TableNaming } from './types.ts'

/** SHA-256 of the statements of a migration on one engine, hexadecimal; names as in the code. */
export function migrationChecksum(migration: Migration, dialect: DialectName): string {
  const text = migration.steps.flatMap((step) => step.up[dialect]).join(';\n')
  return createHash('sha256').update(text).digest('hex')
}

export interface TextFlavour {
  readonly dialect: DialectName
  readonly naming: TableNaming
  /** MySQL itself, which has other names for collations than MariaDB. */
  readonly oracleMysql: boolean
}

/** The statements of a step as they are sent to this very database. */
export function statementsOf(
  step: MigrationStep,
  direction: 'up' | 'down',
  flavour: TextFlavour,
): string[] {
  return step[direction][flavour.dialect].map((sql) => flavoured(sql, flavour))
}

/** Puts the table names and collations of this database into a statement. */
export function flavoured(sql: string, flavour: TextFlavour): string {
  const renamed = renameInText(sql, flavour.naming)
  return flavour.oracleMysql ? renamed.replaceAll('utf8mb4_nopad_bin', 'utf8mb4_0900_bin') : renamed
}
