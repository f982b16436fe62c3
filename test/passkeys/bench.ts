import type { PasskeyConfig } from '../../src/config/index.ts'
import { type Database, Migrator, openDatabase, type Trx } from '../../src/database/index.ts'
import type { EventInput, Recorder } from '../../src/events/index.ts'
import {
  type AssertionKind,
  type PasskeyRow,
  Passkeys,
  passkeyMigrations,
} from '../../src/passkeys/index.ts'
import { type Clock, silentLogger, systemRandom } from '../../src/ports/index.ts'
import { defaultRealm, insertUser, type UserRow, usersMigrations } from '../../src/users/index.ts'
import type { SoftwareAuthenticator, Twist } from './authenticator.ts'

export const baseUrl = 'https://shop.example.com'
export const browser = 'b'.repeat(43)

export const strictRules: PasskeyConfig = {
  ...{ userVerification: 'required', attestation: 'none', models: [] },
}

export interface BenchOptions {
  readonly url: string
  readonly clock: Clock
  readonly rules?: Partial<PasskeyConfig>
  readonly baseUrl?: string
}

/** The room of passkeys on a database of its own, without the house around it. */
export class Bench {
  readonly database: Database
  readonly passkeys: Passkeys
  readonly events: EventInput[] = []
  readonly #clock: Clock
  readonly #origin: string

  private constructor(database: Database, options: BenchOptions) {
    const { clock, rules = {} } = options
    const recorder: Recorder = {
      record: async (_trx, event) => void this.events.push(event as unknown as EventInput),
    }
    const url = options.baseUrl ?? baseUrl
    this.database = database
    this.#clock = clock
    this.#origin = new URL(url).origin
    this.passkeys = new Passkeys({
      ...{ database, recorder, clock, baseUrl: url, random: systemRandom, appName: 'Shop' },
      rules: { ...strictRules, ...rules },
    })
  }

  /** Opens the database; the first of several nodes also makes its tables. */
  static async open(options: BenchOptions, first = true): Promise<Bench> {
    const { clock, url } = options
    const database = await openDatabase({
      ...{ url, clock, logger: silentLogger, poolSize: 10, waitMs: 25_000 },
    })
    const migrations = [...usersMigrations, ...passkeyMigrations]
    if (first) await new Migrator(database, migrations).up()
    return new Bench(database, options)
  }

  close(): Promise<void> {
    return this.database.close()
  }

  write<T>(work: (trx: Trx) => Promise<T>): Promise<T> {
    return this.database.transaction(work)
  }

  /** A new account. */
  async person(id: string): Promise<UserRow> {
    const row = userRow(id, this.#clock.now())
    await this.write((trx) => insertUser(trx, row))
    return row
  }

  /** What a browser sends to register, as `twist` has it. */
  async newPasskey(owner: UserRow, authenticator: SoftwareAuthenticator, twist?: Twist) {
    const { options } = await this.passkeys.registration(ownerOf(owner), browser)
    return authenticator.create(options, this.#origin, twist)
  }

  verifyNew(userId: string, response: unknown) {
    return this.passkeys.verifyRegistration({ userId, browser, response })
  }

  /** Registers a passkey of an authenticator; throws when it is refused. */
  async register(
    owner: UserRow,
    authenticator: SoftwareAuthenticator,
    twist?: Twist,
  ): Promise<PasskeyRow> {
    const sent = await this.newPasskey(owner, authenticator, twist)
    const verdict = await this.verifyNew(owner.id, sent)
    if (!verdict.ok) throw new Error('the passkey was refused')
    const { credential } = verdict
    const row = await this.write((trx) => this.passkeys.add(trx, { userId: owner.id, credential }))
    if (!row) throw new Error('the passkey is known already')
    return row
  }

  /** What a browser sends to prove itself, as `twist` has it. */
  async signature(
    authenticator: SoftwareAuthenticator,
    { kind = 'sign_in', twist, userId }: SignatureOptions = {},
  ) {
    const { options } = await this.passkeys.request({ kind, userId, browser })
    return authenticator.get(options, this.#origin, twist)
  }

  verify(response: unknown, { kind = 'sign_in', userId }: SignatureOptions = {}) {
    return this.passkeys.verifyAssertion({ kind, userId, browser, response })
  }

  passkeysOf(userId: string): Promise<PasskeyRow[]> {
    return this.passkeys.list(this.database.reader, userId)
  }
}

export interface SignatureOptions {
  readonly kind?: AssertionKind
  readonly userId?: string
  readonly twist?: Twist
}

export function ownerOf({ display_name, email, id }: UserRow) {
  return { id, email, displayName: display_name }
}

function userRow(id: string, now: number): UserRow {
  const email = `${id.slice(-12)}@example.com`
  return {
    ...{ id, email, email_canonical: email, realm: defaultRealm, metadata: '{}' },
    ...{ username: null, username_canonical: null, display_name: 'Ada', company_name: null },
    ...{ status: 'active', status_reason: null, locked_until: null, erase_at: null },
    ...{ created_at: now, created_by: null, verified_at: now },
    ...{ last_sign_in_at: null, last_sign_in_ip: null, last_failure_at: null },
    ...{ credentials_version: 0, totp_since: null, passkeys: 0, mfa_due_at: null },
  }
}
