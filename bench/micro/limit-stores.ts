import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Clock, SecurityOptions } from 'holdfast'
import { Redis } from 'ioredis'
import { Client, Pool } from 'pg'
import { RateLimiterPostgres, RateLimiterRedis } from 'rate-limiter-flexible'
import { openHoldfast } from './holdfast.ts'
import type { Given, Loop, Loops } from './main.ts'

const points = 1_000_000
const atOnce = 100
const windowMs = 15 * 60_000
const keys = Array.from({ length: 200 }, () => randomUUID())

/**
 * One consumption of a limit that counts exactly, of two hundred keys that have a window; beside it what the
 * store asks of anybody: a PING by the same client, an upsert of one row in the same kind of database.
 */
export const loops: Loops = {
  'Redis PING': ({ redis }) => ping(redis, 1),
  'Redis PING, 100 at once': ({ redis }) => ping(redis, atOnce),
  'Redis, Holdfast': ({ redis }) => inRedis(redis, 1),
  'Redis, Holdfast, 100 at once': ({ redis }) => inRedis(redis, atOnce),
  'Redis, rate-limiter-flexible': flexibleInRedis,
  'SQLite upsert': sqliteUpsert,
  'SQLite, Holdfast': () => ours({}),
  'PostgreSQL upsert': (given) => postgresUpsert(given, (pool, key) => pool.query(upsert(key))),
  'PostgreSQL upsert in a transaction': (given) => postgresUpsert(given, transaction),
  'PostgreSQL, Holdfast': inPostgres,
  'PostgreSQL, rate-limiter-flexible': flexibleInPostgres,
}

function inTurn(): () => string {
  let at = 0
  return () => {
    at = at + 1 === keys.length ? 0 : at + 1
    return keys[at] ?? ''
  }
}

/** So many calls, each of which waits for none of the others. */
function together(count: number, call: () => unknown): Pick<Loop, 'run' | 'operations'> {
  if (count === 1) return { run: call }
  return {
    run: () => Promise.all(Array.from({ length: count }, call)),
    operations: count,
  }
}

function urlOf(url: string | undefined): string {
  if (url === undefined) throw new Error('this kind needs a server')
  return url
}

/** The driver of Holdfast, with its options, which has no door of its own in the package. */
async function clientOf(url: string): Promise<Redis> {
  const built = new URL('limits/valkey-client.js', import.meta.resolve('holdfast')).href
  const { valkeyDriver } = (await import(built)) as {
    valkeyDriver(url: string): Promise<{ client: Redis }>
  }
  const { client } = await valkeyDriver(url)
  await client.connect()
  return client
}

async function ping(redis: string | undefined, count: number): Promise<Loop> {
  const client = await clientOf(urlOf(redis))
  return { ...together(count, () => client.ping()), close: async () => void (await client.quit()) }
}

async function flexibleInRedis({ redis }: Given): Promise<Loop> {
  const storeClient = new Redis(urlOf(redis))
  const limiter = new RateLimiterRedis({ storeClient, points, duration: windowMs / 1_000 })
  const next = inTurn()
  return { run: () => limiter.consume(next()), close: async () => void (await storeClient.quit()) }
}

/** The clock of the machine, which can be moved on. */
function movableClock(): Clock & { moved: number } {
  return {
    moved: 0,
    now: () => Date.now(),
    monotonic() {
      return performance.now() + this.moved
    },
    after(ms, task) {
      const timer = setTimeout(task, ms).unref()
      return { cancel: () => clearTimeout(timer) }
    },
  }
}

/** In the first quarter of an hour a node also asks what SQL has counted; this one is older. */
async function inRedis(redis: string | undefined, count: number): Promise<Loop> {
  const clock = movableClock()
  const loop = await ours({ valkey: { url: urlOf(redis) }, clock }, count)
  clock.moved = 2 * windowMs
  return loop
}

async function ours(options: Partial<SecurityOptions>, count = 1): Promise<Loop> {
  const bench = { points, window: '15m', store: 'exact' } as const
  const policies = { bench, tight: { ...bench, points: 1 } }
  // A mail that no server takes would be tried again in the same database.
  const mail = { mailer: { send: async () => {} } }
  const { close, security } = await openHoldfast({ mail, ...options, limits: { policies } })
  const { limits } = security
  for (const key of keys) await limits.consume('bench', key)
  await limits.consume('tight', 'one')
  const second = await limits.consume('tight', 'one')
  const next = inTurn()
  let allowed = 0
  const consume = async () => {
    const verdict = await limits.consume('bench', next())
    if (verdict.allowed) allowed += 1
  }
  return {
    ...together(count, consume),
    decisions: () => ({ limit: { allowed, refused: Number(!second.allowed) } }),
    close,
  }
}

/** As durable as a transaction of Holdfast: each one is on the disk when it is answered. */
function sqliteUpsert(): Loop {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-loop-'))
  const database = new DatabaseSync(join(folder, 'bare.db'))
  database.exec('pragma journal_mode = wal; pragma synchronous = full')
  database.exec(table)
  const statement = database.prepare(upsertSql.replaceAll(/\$\d/g, '?'))
  const write = (key: string) => statement.run(key, Date.now() + windowMs)
  for (const key of keys) write(key)
  const next = inTurn()
  return {
    run: () => void write(next()),
    async close() {
      database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const table = 'create table bare (id varchar(64) primary key, used integer, ends_at bigint)'
const upsertSql =
  'insert into bare (id, used, ends_at) values ($1, 1, $2) on conflict (id) do update set used = bare.used + 1'

function upsert(key: string) {
  return { name: 'upsert', text: upsertSql, values: [key, Date.now() + windowMs] }
}

async function transaction(pool: Pool, key: string): Promise<void> {
  const client = await pool.connect()
  await client.query('begin')
  await client.query(upsert(key))
  await client.query('commit')
  client.release()
}

/** A database of its own on the server. */
async function freshPostgres({ postgres }: Given) {
  const server = urlOf(postgres)
  const name = `bench_${randomBytes(6).toString('hex')}`
  const ask = async (statement: string) => {
    const client = new Client({ connectionString: server })
    await client.connect()
    await client.query(statement)
    await client.end()
  }
  await ask(`create database ${name}`)
  const drop = () => ask(`drop database if exists ${name} with (force)`)
  return { url: new URL(`/${name}`, server).href, drop }
}

/** The server drops a database while a socket of the ended pool lingers. */
function poolOf(connectionString: string): Pool {
  return new Pool({ connectionString }).on('error', () => {})
}

async function postgresUpsert(
  given: Given,
  write: (pool: Pool, key: string) => Promise<unknown>,
): Promise<Loop> {
  const { drop, url } = await freshPostgres(given)
  const pool = poolOf(url)
  await pool.query(table)
  for (const key of keys) await write(pool, key)
  const next = inTurn()
  return {
    run: () => write(pool, next()),
    async close() {
      await pool.end()
      await drop()
    },
  }
}

async function inPostgres(given: Given): Promise<Loop> {
  const { drop, url } = await freshPostgres(given)
  const loop = await ours({ database: url })
  return {
    ...loop,
    async close() {
      await loop.close?.()
      await drop()
    },
  }
}

async function flexibleInPostgres(given: Given): Promise<Loop> {
  const { drop, url } = await freshPostgres(given)
  const storeClient = poolOf(url)
  const duration = windowMs / 1_000
  const limiter = await new Promise<RateLimiterPostgres>((resolve, reject) => {
    const options = {
      storeClient,
      storeType: 'pool',
      points,
      duration,
      clearExpiredByTimeout: false,
    }
    const made = new RateLimiterPostgres(options, (error?: Error) => {
      if (error) reject(error)
      else resolve(made)
    })
  })
  for (const key of keys) await limiter.consume(key)
  const next = inTurn()
  return {
    run: () => limiter.consume(next()),
    async close() {
      await storeClient.end()
      await drop()
    },
  }
}
