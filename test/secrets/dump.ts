import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'
import type { EngineName } from '../services/fresh-database.ts'

/** Everything a stolen dump holds: rows by table, each value as the driver gives it. */
export type Dump = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>

type Ask = (sql: string) => Promise<readonly Record<string, unknown>[]>

const tablesOf: Readonly<Record<EngineName, string>> = {
  sqlite: "select name as t from sqlite_master where type = 'table' order by name",
  postgres: `select table_name as t from information_schema.tables
    where table_schema = 'public' order by table_name`,
  mariadb: `select table_name as t from information_schema.tables
    where table_schema = database() order by table_name`,
}

/** Reads every row of every table, without any of our code. */
export async function dumpDatabase(engine: EngineName, url: string): Promise<Dump> {
  return await withConnection(engine, url, async (ask) => {
    const dump: Record<string, readonly Record<string, unknown>[]> = {}
    for (const { t } of await ask(tablesOf[engine])) {
      dump[String(t)] = await ask(`select * from ${String(t)} order by 1`)
    }
    return dump
  })
}

async function withConnection<T>(engine: EngineName, url: string, work: (ask: Ask) => Promise<T>) {
  if (engine === 'sqlite') {
    const file = new DatabaseSync(url.slice('sqlite:'.length), { readOnly: true })
    try {
      return await work(async (sql) => file.prepare(sql).all())
    } finally {
      file.close()
    }
  }
  return engine === 'postgres' ? await withPostgres(url, work) : await withMariadb(url, work)
}

async function withPostgres<T>(url: string, work: (ask: Ask) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await work(async (sql) => (await client.query(sql)).rows)
  } finally {
    await client.end()
  }
}

async function withMariadb<T>(url: string, work: (ask: Ask) => Promise<T>): Promise<T> {
  const connection = await createConnection({ uri: url })
  try {
    return await work(async (sql) => (await connection.query(sql))[0] as Record<string, unknown>[])
  } finally {
    await connection.end()
  }
}

/** The bytes of the embedded database: its file, its write-ahead log and whatever lies beside them. */
export function rawBytes(url: string): Buffer {
  const path = url.slice('sqlite:'.length)
  const beside = readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path)))
  return Buffer.concat(beside.map((name) => readFileSync(join(dirname(path), name))))
}

/** Every value of a dump as text, with its `table.column`. Bytes as base64url; JSON also by its leaves. */
export function valuesOf(dump: Dump): readonly (readonly [column: string, value: string])[] {
  const found: [string, string][] = []
  for (const [table, rows] of Object.entries(dump)) {
    for (const [column, value] of rows.flatMap((row) => Object.entries(row))) {
      for (const text of textsOf(value)) found.push([`${table}.${column}`, text])
    }
  }
  return found
}

function textsOf(value: unknown): string[] {
  if (value === null || value === undefined) return []
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('base64url')]
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.startsWith('{') || text.startsWith('[') ? [text, ...leavesOf(text)] : [text]
}

function leavesOf(text: string): string[] {
  const leaves: string[] = []
  JSON.parse(text, (_key, item) => {
    if (typeof item === 'string') leaves.push(item)
    return item
  })
  return leaves
}
