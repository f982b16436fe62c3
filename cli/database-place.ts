import { existsSync } from 'node:fs'
import type { SecurityOptions } from '../src/config/index.ts'

/** A database as a person may read it: without user and password. */
export interface DatabasePlace {
  /** For example `sqlite:./shop.db` or `postgres://db.internal:5432/shop`. */
  readonly text: string
  /** It is a file that does not exist yet; opening it makes it. */
  readonly isNew: boolean
}

/** Which database a command is about to open. Ask before it is opened. */
export async function databasePlace({ database }: SecurityOptions): Promise<DatabasePlace> {
  const url = (typeof database === 'object' ? database.url : database) ?? ''
  if (!/^(sqlite|file):/.test(url)) return { text: withoutCredentials(url), isNew: false }
  const { sqlitePath } = await import('../src/database/index.ts')
  return { text: url, isNew: !url.includes(':memory:') && !existsSync(sqlitePath(url)) }
}

/** Query parameters may hold a password too. */
function withoutCredentials(text: string): string {
  const url = URL.parse(text)
  return url ? `${url.protocol}//${url.host}${url.pathname}` : 'the database'
}
