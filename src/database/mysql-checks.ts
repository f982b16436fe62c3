import type { EngineResult } from './engine.ts'

export interface MysqlServer {
  readonly mariadb: boolean
}

type Ask = (sql: string) => Promise<EngineResult>

/**
 * Looks once whether a server can keep our promises. Throws an Error that names the fix: a version
 * without the collation that compares by bytes, or a client that counts changed rows and not
 * matched ones, on which every "who was first" would go wrong.
 */
export async function checkServer(ask: Ask): Promise<MysqlServer> {
  const { rows } = await ask('select version() as version')
  const version = String(rows[0]?.version)
  const mariadb = /mariadb/i.test(version)
  if (isOlder(version, mariadb ? [10, 6, 0] : [8, 0, 17])) {
    throw new Error(`MariaDB 10.6 or MySQL 8.0.17 or newer is needed; this is ${version}`)
  }
  await checkFoundRows(ask)
  return { mariadb }
}

/** Looks whether the session of an app's pool stores values unchanged. Throws an Error with the fix. */
export async function checkSession(ask: Ask): Promise<void> {
  const { rows } = await ask('select @@session.sql_mode as mode')
  const modes = String(rows[0]?.mode).split(',')
  if (!modes.includes('STRICT_TRANS_TABLES') && !modes.includes('STRICT_ALL_TABLES')) {
    throw new Error('The pool of the app must set sql_mode to hold STRICT_TRANS_TABLES')
  }
  if (modes.includes('ANSI_QUOTES') || modes.includes('NO_BACKSLASH_ESCAPES')) {
    throw new Error('The pool of the app must not set ANSI_QUOTES or NO_BACKSLASH_ESCAPES')
  }
}

async function checkFoundRows(ask: Ask): Promise<void> {
  const table = 'hf_probe_found_rows'
  await ask(`create temporary table ${table} (n int) engine=InnoDB`)
  await ask(`insert into ${table} values (1)`)
  const { affected } = await ask(`update ${table} set n = 1`)
  await ask(`drop temporary table ${table}`)
  if (affected !== 1) {
    throw new Error('The connection must count matched rows: do not remove the flag FOUND_ROWS')
  }
}

function isOlder(version: string, least: readonly number[]): boolean {
  const numbers = /^(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [0, 0, 0]
  for (const [i, wanted] of least.entries()) {
    const found = numbers[i] ?? 0
    if (found !== wanted) return found < wanted
  }
  return false
}
