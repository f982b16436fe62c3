import { databaseErrors } from './errors.ts'
import type { Migration, MigrationStep } from './migration.ts'
import { type MigrationLock, migrationLock } from './migration-lock.ts'
import { type LoggedMigration, MigrationLog } from './migration-log.ts'
import { migrationChecksum, statementsOf, type TextFlavour } from './migration-text.ts'
import type { Database, Session } from './types.ts'

/** What `up` would do, and what keeps it from doing so. */
export interface MigrationPlan {
  readonly pending: readonly {
    readonly name: string
    /** As they would be sent to this database. */
    readonly statements: readonly string[]
    /** Tables that are locked meanwhile. */
    readonly tables: readonly string[]
  }[]
  /** Rows now in each table that a pending migration touches. */
  readonly rows: Readonly<Record<string, number>>
  /** Ran with another text than this release has. */
  readonly changed: readonly string[]
  /** Ran here, and this release does not know them. */
  readonly unknown: readonly string[]
  /** Began and did not end. */
  readonly unfinished: readonly string[]
}

export interface MigrationStatus {
  readonly name: string
  readonly state: 'done' | 'pending' | 'unfinished'
  /** Epoch milliseconds. */
  readonly finishedAt?: number
}

/**
 * Brings the schema of a database to this release and back. Any number of processes may call `up`
 * at once: one migrates, the others wait and find nothing to do.
 */
export class Migrator {
  readonly #database: Database
  readonly #migrations: readonly Migration[]

  constructor(database: Database, migrations: readonly Migration[]) {
    const names = new Set(migrations.map(({ name }) => name))
    if (names.size !== migrations.length) throw new Error('Two migrations have the same name')
    this.#database = database
    this.#migrations = migrations
  }

  /** Says what `up` would do. Changes nothing. */
  async plan(): Promise<MigrationPlan> {
    return await this.#run(async ({ lock, run }) => await lock.reading(() => run.plan()))
  }

  /** Every migration of this release, in order. Changes nothing. */
  async status(): Promise<MigrationStatus[]> {
    return await this.#run(async ({ lock, run }) => await lock.reading(() => run.status()))
  }

  /**
   * Runs what is pending, in order, and resolves to its names. Throws `migration_changed`,
   * `migration_unknown` or `migration_unfinished` before anything is touched.
   */
  async up(): Promise<string[]> {
    return await this.#repeat(Number.POSITIVE_INFINITY, (run) => run.applyNext())
  }

  /** Undoes the last `steps` migrations that ran, newest first, and resolves to their names. */
  async down(steps: number): Promise<string[]> {
    return await this.#repeat(steps, (run) => run.revertLast())
  }

  async #repeat(
    times: number,
    one: (run: MigrationRun) => Promise<string | undefined>,
  ): Promise<string[]> {
    return await this.#run(async ({ lock, run }) => {
      const names: string[] = []
      while (names.length < times) {
        const name = await lock.exclusively(() => one(run))
        if (name === undefined) break
        names.push(name)
      }
      return names
    })
  }

  async #run<T>(
    work: (tools: { lock: MigrationLock; run: MigrationRun }) => Promise<T>,
  ): Promise<T> {
    const { dialect, naming } = this.#database
    const oracleMysql =
      dialect === 'mysql' && !/mariadb/i.test((await this.#database.status()).server)
    return await this.#database.session(async (session) => {
      const lock = migrationLock(this.#database, session)
      const run = new MigrationRun({
        session,
        flavour: { dialect, naming, oracleMysql },
        migrations: this.#migrations,
        transactional: lock.transactional,
        now: () => this.#database.clock.now(),
      })
      return await work({ lock, run })
    })
  }
}

interface MigrationRunOptions {
  readonly session: Session
  readonly flavour: TextFlavour
  readonly migrations: readonly Migration[]
  readonly transactional: boolean
  readonly now: () => number
}

/** The work of a migrator on one session, under its lock. */
class MigrationRun {
  readonly #options: MigrationRunOptions
  readonly #log: MigrationLog

  constructor(options: MigrationRunOptions) {
    this.#options = options
    this.#log = new MigrationLog(options.session, options.flavour)
  }

  async plan(): Promise<MigrationPlan> {
    const logged = await this.#logged()
    const pending = this.#options.migrations.filter(({ name }) => !logged.has(name))
    const tables = new Set(pending.flatMap(({ steps }) => steps.flatMap((step) => step.tables)))
    const faults = this.#faults(logged)
    return {
      pending: pending.map((one) => ({
        name: one.name,
        statements: one.steps.flatMap((step) => statementsOf(step, 'up', this.#options.flavour)),
        tables: [...new Set(one.steps.flatMap((step) => step.tables))],
      })),
      rows: await this.#countRows([...tables]),
      ...faults,
    }
  }

  async status(): Promise<MigrationStatus[]> {
    const logged = await this.#logged()
    return this.#options.migrations.map(({ name }) => {
      const entry = logged.get(name)
      if (!entry) return { name, state: 'pending' }
      if (entry.finishedAt === undefined) return { name, state: 'unfinished' }
      return { name, state: 'done', finishedAt: entry.finishedAt }
    })
  }

  async applyNext(): Promise<string | undefined> {
    const logged = await this.#logged()
    this.#refuse(logged)
    const next = this.#options.migrations.find(
      ({ name }) => logged.get(name)?.finishedAt === undefined,
    )
    if (!next) return undefined
    const again = logged.has(next.name)
    await this.#log.ensureTable()
    if (!again) await this.#log.start(next.name, this.#checksum(next), this.#options.now())
    for (const step of next.steps) await this.#runStep(step, 'up', again)
    await this.#log.finish(next.name, this.#options.now())
    return next.name
  }

  async revertLast(): Promise<string | undefined> {
    const logged = await this.#logged()
    this.#refuse(logged)
    const last = this.#options.migrations.findLast(({ name }) => logged.has(name))
    if (!last) return undefined
    const again = logged.get(last.name)?.finishedAt === undefined
    await this.#log.reopen(last.name)
    for (const step of last.steps.toReversed()) await this.#runStep(step, 'down', again)
    await this.#log.remove(last.name)
    return last.name
  }

  async #runStep(step: MigrationStep, direction: 'up' | 'down', again: boolean): Promise<void> {
    if (again && step.made) {
      const there = await this.#log.exists(step.made)
      if (there === (direction === 'up')) return
    }
    for (const sql of statementsOf(step, direction, this.#options.flavour)) {
      await this.#options.session.execute(sql)
    }
  }

  async #logged(): Promise<Map<string, LoggedMigration>> {
    return new Map((await this.#log.all()).map((entry) => [entry.name, entry]))
  }

  #checksum(migration: Migration): string {
    return migrationChecksum(migration, this.#options.flavour.dialect)
  }

  #faults(logged: Map<string, LoggedMigration>) {
    const known = new Map(this.#options.migrations.map((one) => [one.name, one]))
    const changed = ({ name, checksum }: LoggedMigration) => {
      const migration = known.get(name)
      return migration !== undefined && this.#checksum(migration) !== checksum
    }
    const entries = [...logged.values()]
    const names = (list: LoggedMigration[]) => list.map(({ name }) => name)
    return {
      changed: names(entries.filter(changed)),
      unknown: names(entries.filter(({ name }) => !known.has(name))),
      unfinished: names(entries.filter(({ finishedAt }) => finishedAt === undefined)),
    }
  }

  /** Refuses to touch a database whose past is not the past this release knows. */
  #refuse(logged: Map<string, LoggedMigration>): void {
    const { changed, unknown, unfinished } = this.#faults(logged)
    if (unknown.length > 0) {
      const text = 'these migrations are unknown to this release; a newer one ran here'
      throw databaseErrors.migration_unknown(named(text, unknown))
    }
    if (changed.length > 0) {
      const text = 'these migrations ran with another text; restore the files of the release'
      throw databaseErrors.migration_changed(named(text, changed))
    }
    const stuck = unfinished.filter((name) => !this.#canResume(name))
    if (stuck.length > 0) {
      const text = 'these migrations stopped half-way and cannot be repeated; restore a backup'
      throw databaseErrors.migration_unfinished(named(text, stuck))
    }
  }

  #canResume(name: string): boolean {
    const migration = this.#options.migrations.find((one) => one.name === name)
    return migration?.steps.every((step) => step.repeatable) ?? false
  }

  async #countRows(tables: readonly string[]): Promise<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const table of tables) {
      if (!(await this.#log.exists({ kind: 'table', table, name: table }))) continue
      counts[table] = await this.#log.countRows(table)
    }
    return counts
  }
}

function named(text: string, migrations: readonly string[]) {
  return { cause: new Error(`${text}: ${migrations.join(', ')}`), members: { migrations } }
}
