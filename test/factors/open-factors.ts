import { createKeyring } from '../../src/crypto/index.ts'
import { type Database, Migrator, openDatabase } from '../../src/database/index.ts'
import type { Recorder } from '../../src/events/index.ts'
import { type FactorParts, Factors, factorMigrations } from '../../src/factors/index.ts'
import { type Clock, silentLogger, systemRandom, uuidv7 } from '../../src/ports/index.ts'
import { GuessRefusals, Throttle, throttleMigrations } from '../../src/throttle/index.ts'
import { insertUser, type UserRow, usersMigrations } from '../../src/users/index.ts'

/** The room `factors` on a database, with what it stands on and nothing above. */
export interface TestFactors {
  readonly database: Database
  readonly throttle: Throttle
  readonly factors: Factors
  /** The same room with other parts, as on another node. */
  factorsWith(parts: Partial<FactorParts>): Factors
  /** Adds an active account; its id. */
  addUser(): Promise<string>
  close(): Promise<void>
}

export interface OpenFactorsOptions {
  readonly masterKey: string
  readonly clock: Clock
}

/** Opens the room on the database at `url`, whose tables are made unless they are there. */
export async function openFactors(url: string, options: OpenFactorsOptions): Promise<TestFactors> {
  const { clock, masterKey } = options
  const database = await openDatabase({
    ...{ url, clock, logger: silentLogger, poolSize: 10, waitMs: 25_000 },
  })
  await new Migrator(database, [
    ...throttleMigrations,
    ...usersMigrations,
    ...factorMigrations,
  ]).up()
  const keyring = createKeyring(masterKey)
  const throttle = openThrottle(database, { clock, hashKey: keyring.derive('throttle') })
  const shared = { issuer: 'Shop', future: 0, random: systemRandom } as const
  const parts: FactorParts = { ...shared, database, keyring, clock, throttle }
  return {
    ...{ database, throttle, factors: new Factors(parts) },
    factorsWith: (change) => new Factors({ ...parts, ...change }),
    addUser: () => addUser(database, clock.now()),
    close: () => database.close(),
  }
}

function openThrottle(
  database: Database,
  ports: { readonly clock: Clock; readonly hashKey: Uint8Array },
): Throttle {
  const recorder: Recorder = { record: async () => {} }
  return new Throttle({
    ...{ ...ports, database },
    rules: { mode: 'adaptive', attempts: 5, durationMs: 900_000, guesses: 100 },
    refusals: new GuessRefusals({ ...ports, recorder }),
  })
}

async function addUser(database: Database, now: number): Promise<string> {
  const id = uuidv7(now, systemRandom)
  const email = `${id}@example.com`
  const none = {
    ...{ username: null, username_canonical: null, display_name: null, company_name: null },
    ...{ status_reason: null, locked_until: null, created_by: null, verified_at: null },
    ...{ last_sign_in_at: null, last_sign_in_ip: null, last_failure_at: null, erase_at: null },
    ...{ totp_since: null, mfa_due_at: null },
  }
  const row: UserRow = {
    ...none,
    ...{ id, realm: 'default', email, email_canonical: email, status: 'active' },
    ...{ metadata: '{}', created_at: now, credentials_version: 0, passkeys: 0 },
  }
  await database.transaction((trx) => insertUser(trx, row))
  return id
}
