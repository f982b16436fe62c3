import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe } from 'vitest'
import { isAvailable } from './binaries.ts'
import { serviceUrl, testWorkspace } from './context.ts'
import { askMariadb } from './mariadb.ts'
import { askPostgres } from './postgres.ts'

export type EngineName = 'sqlite' | 'postgres' | 'mariadb'

/** Every engine that a store has to work on. */
export const engines: readonly EngineName[] = ['sqlite', 'postgres', 'mariadb']

export interface FreshDatabase {
  /** In the form of `DATABASE_URL`. */
  readonly url: string
  /** Removes it, even while connections are open. */
  drop(): Promise<void>
}

/** A new, empty database of its own. Make one in `beforeAll`, drop it in `afterAll`. */
export function freshDatabase(engine: EngineName): Promise<FreshDatabase> {
  if (engine === 'sqlite') return freshSqlite()
  return engine === 'postgres' ? freshPostgres() : freshMariadb()
}

/**
 * One suite for each engine: the way to say that a rule holds on all of them. An engine that this
 * machine lacks is shown as skipped and named at the end of the run; with CI=true the run fails.
 */
export function describeEngines(title: string, suite: (engine: EngineName) => void): void {
  for (const engine of engines) {
    const here = engine === 'sqlite' || isAvailable(engine)
    describe.skipIf(!here)(`${title} [${engine}]`, () => suite(engine))
  }
}

async function freshSqlite(): Promise<FreshDatabase> {
  const directory = await mkdtemp(join(testWorkspace(), 'sqlite-'))
  return {
    url: `sqlite:${join(directory, 'test.db')}`,
    drop: () => rm(directory, { recursive: true, force: true }),
  }
}

async function freshPostgres(): Promise<FreshDatabase> {
  const server = await serviceUrl('postgres')
  const name = freshName()
  await askPostgres(server, `create database ${name} template template0`)
  return {
    url: new URL(`/${name}`, server).href,
    drop: () => askPostgres(server, `drop database if exists ${name} with (force)`),
  }
}

async function freshMariadb(): Promise<FreshDatabase> {
  const server = await serviceUrl('mariadb')
  const name = freshName()
  await askMariadb(server, `create database ${name} character set utf8mb4`)
  return {
    url: new URL(`/${name}`, server).href,
    drop: () => askMariadb(server, `drop database if exists ${name}`),
  }
}

function freshName(): string {
  return `t_${randomBytes(6).toString('hex')}`
}
