import { createTable, type Database, Migrator, migration, type Session, sqlStep } from '../index.ts'
import { counters, openTest, things } from './contract.ts'

/** Migrations whose middle can be met. */
export const threeMigrations = [
  migration('test/0001_things', [createTable(things)]),
  migration('test/0002_more', [
    createTable(counters),
    sqlStep({
      sqlite: 'create table hf_test_more (id integer) strict',
      postgres: 'create table if not exists hf_test_more (id integer)',
      mysql: 'create table if not exists hf_test_more (id int)',
      down: {
        sqlite: 'drop table hf_test_more',
        postgres: 'drop table hf_test_more',
        mysql: 'drop table if exists hf_test_more',
      },
      repeatable: true,
    }),
  ]),
  migration('test/0003_nothing', []),
]

/** A database that tells its parent when a statement holds `marker`, and then waits for its end. */
function stallingAt(database: Database, marker: string): Database {
  const stalled = Object.create(database) as Database
  const stall = (session: Session): Session => ({
    execute: async (sql, parameters) => {
      const rows = await session.execute(sql, parameters)
      if (!sql.includes(marker)) return rows
      process.stdout.write('reached\n')
      process.stdin.resume()
      return await new Promise(() => {})
    },
  })
  const overrides: Pick<Database, 'dialect' | 'naming' | 'clock' | 'session' | 'status'> = {
    dialect: database.dialect,
    naming: database.naming,
    clock: database.clock,
    session: (work) => database.session((session) => work(stall(session))),
    status: () => database.status(),
  }
  return Object.assign(Object.create(null), stalled, overrides)
}

const [, , url, marker] = process.argv
if (url?.includes(':')) {
  const database = await openTest(url)
  const target = marker === undefined ? database : stallingAt(database, marker)
  const names = await new Migrator(target, threeMigrations).up()
  process.stdout.write(`${JSON.stringify(names)}\n`)
  await database.close()
}
