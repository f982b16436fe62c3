import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { type Database, openDatabase } from '../../src/database/index.ts'
import { silentLogger, systemClock } from '../../src/ports/index.ts'
import type { EngineName } from '../services/fresh-database.ts'

/** Looks at a database from outside, without any of the rooms. */
export class Inspector {
  readonly #engine: EngineName
  readonly #url: string
  readonly #database: Database

  private constructor(engine: EngineName, url: string, database: Database) {
    this.#engine = engine
    this.#url = url
    this.#database = database
  }

  static async open(engine: EngineName, url: string): Promise<Inspector> {
    const ports = { clock: systemClock, logger: silentLogger }
    return new Inspector(engine, url, await openDatabase({ url, poolSize: 1, ...ports }))
  }

  close(): Promise<void> {
    return this.#database.close()
  }

  /** The first column of what a query finds, as text. */
  async column(text: string): Promise<string[]> {
    const { rows } = await sql.raw<Record<string, unknown>>(text).execute(this.#database.reader)
    return rows.map((row) => String(Object.values(row)[0]))
  }

  async count(text: string): Promise<number> {
    return Number((await this.column(text))[0])
  }

  /** Whether somebody else is inside a transaction that writes. */
  async isWriting(): Promise<boolean> {
    if (this.#engine === 'sqlite') return isLocked(this.#url.slice('sqlite:'.length))
    return (await this.count(writers[this.#engine])) > 0
  }

  /** Waits until the server has noticed that the others are gone, and has undone what they left. */
  async untilAlone(): Promise<void> {
    if (this.#engine === 'sqlite') return
    while ((await this.count(others[this.#engine])) > 0) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  /** Every half-done thing in the database, as `rule: id`. */
  async findHalves(): Promise<string[]> {
    const found: string[] = []
    for (const [rule, query] of Object.entries(halves)) {
      for (const id of await this.column(query)) found.push(`${rule}: ${id}`)
    }
    return found
  }
}

function isLocked(path: string): boolean {
  const probe = new DatabaseSync(path, { timeout: 0 })
  try {
    probe.exec('begin immediate')
    probe.exec('rollback')
    return false
  } catch {
    return true
  } finally {
    probe.close()
  }
}

type Server = Exclude<EngineName, 'sqlite'>

const writers: Readonly<Record<Server, string>> = {
  postgres: `select count(*) as n from pg_stat_activity where datname = current_database()
    and pid <> pg_backend_pid() and (backend_xid is not null or state like 'idle in transaction%')`,
  mariadb: `select count(*) as n from information_schema.innodb_trx t
    join information_schema.processlist p on p.id = t.trx_mysql_thread_id
    where p.db = database() and p.id <> connection_id()`,
}

const others: Readonly<Record<Server, string>> = {
  postgres: `select count(*) as n from pg_stat_activity where datname = current_database()
    and pid <> pg_backend_pid() and backend_type = 'client backend'`,
  mariadb: `select count(*) as n from information_schema.processlist
    where db = database() and id <> connection_id()`,
}

const audited = (kinds: string, id: string) =>
  `(select count(*) from hf_audit a where a.resource_id = ${id} and a.action in (${kinds}))`

/** What a change that was cut in two would leave behind: each query finds the ids of the pieces. */
const halves: Readonly<Record<string, string>> = {
  'account without exactly one record of its making': `select u.id as id from hf_users u
    where ${audited("'user.registered','user.created'", 'u.id')} <> 1`,
  'record of an account that is not there': `select a.resource_id as id from hf_audit a
    where a.action in ('user.registered','user.verified','user.created','role.granted')
    and not exists (select 1 from hf_users u where u.id = a.resource_id)`,
  'waiting account without a link': `select u.id as id from hf_users u where u.status = 'pending'
    and not exists (select 1 from hf_registrations r where r.user_id = u.id)`,
  'spent link of an account that still waits': `select r.user_id as id from hf_registrations r
    join hf_users u on u.id = r.user_id where u.status = 'pending' and r.used_at is not null`,
  'active account without password': `select u.id as id from hf_users u where u.status = 'active'
    and not exists (select 1 from hf_passwords p where p.user_id = u.id)`,
  'active account without a role': `select u.id as id from hf_users u where u.status = 'active'
    and not exists (select 1 from hf_grants g where g.user_id = u.id)`,
  'active account without record of its confirmation': `select u.id as id from hf_users u
    where u.status = 'active' and ${audited("'user.verified','user.created'", 'u.id')} <> 1`,
  'record of a confirmation, and the account still waits': `select u.id as id from hf_users u
    where u.status = 'pending' and ${audited("'user.verified'", 'u.id')} > 0`,
  'role without record': `select g.user_id as id from hf_grants g
    where ${audited("'role.granted'", 'g.user_id')}
    <> (select count(*) from hf_grants o where o.user_id = g.user_id)`,
  'record of a role that nobody holds': `select a.resource_id as id from hf_audit a
    where a.action = 'role.granted'
    and not exists (select 1 from hf_grants g where g.user_id = a.resource_id)`,
  'session without record': `select s.id as id from hf_sessions s
    where ${audited("'sign_in.succeeded'", 's.id')} <> 1`,
  'record of a session that is not there': `select a.resource_id as id from hf_audit a
    where a.action = 'sign_in.succeeded'
    and not exists (select 1 from hf_sessions s where s.id = a.resource_id)`,
  'session without exactly one unspent refresh token': `select s.id as id from hf_sessions s
    where (select count(*) from hf_refresh_tokens t
      where t.session_id = s.id and t.used_at is null) <> 1`,
  'spent refresh token without exactly one successor': `select t.token_hash as id
    from hf_refresh_tokens t where t.used_at is not null
    and (select count(*) from hf_refresh_tokens c where c.parent_hash = t.token_hash) <> 1`,
  'successor of an unspent refresh token': `select c.token_hash as id from hf_refresh_tokens c
    join hf_refresh_tokens t on t.token_hash = c.parent_hash where t.used_at is null`,
  'ended session without record': `select s.id as id from hf_sessions s
    where s.ended_at is not null and ${audited("'session.ended'", 's.id')} <> 1`,
  'record of the end of a session that goes on': `select s.id as id from hf_sessions s
    where s.ended_at is null and ${audited("'session.ended'", 's.id')} > 0`,
  'registration without mail, or mail without registration': `select x.n as id from (select
    (select count(*) from hf_audit where action in ('user.registered','user.registration_repeated'))
    - (select count(*) from hf_outbox where kind = 'sign-up') as n) x where x.n <> 0`,
  'revocation without version, or version without revocation': `select v.version as id
    from hf_versions v where v.topic = 'revocations'
    and v.version <> (select count(*) from hf_revocations)`,
}
