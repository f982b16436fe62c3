import type { Access } from '../access/index.ts'
import { hashToken, isTokenShaped, type PasswordHasher } from '../crypto/index.ts'
import { type Database, isUniqueViolation, type Trx } from '../database/index.ts'
import type { Origin, Recorder } from '../events/index.ts'
import { type Limits, rateLimited } from '../limits/index.ts'
import { type PasswordPolicy, passwordWords, refuseWeak, setPassword } from '../passwords/index.ts'
import type { Clock } from '../ports/index.ts'
import { activateUser, findRealm, isUsableAt, isUsernameTaken, laneName } from '../users/index.ts'
import { signUpErrors } from './errors.ts'
import { checkUsername } from './request.ts'
import {
  consumeRegistration,
  deleteRegistrationsOf,
  findRegistration,
  hasUnmailedRegistration,
} from './store.ts'
import type { RegistrationRow } from './table.ts'

export interface VerificationParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly hasher: PasswordHasher
  readonly policy: PasswordPolicy
  readonly access: Access
  readonly limits: Limits
  readonly clock: Clock
  readonly appName: string
  readonly defaultRole: string
}

export interface VerificationRequest {
  readonly token: string
  /** Another name, when the one asked for was taken. */
  readonly username?: string | undefined
  /** A password, when the link confirms the address only. */
  readonly password?: string | undefined
  readonly origin: Origin
  /** Where it is used; absent: where mails lead, which is at no isolated organisation. */
  readonly realm?: string | undefined
}

/** What a link still needs before it can be used; for the page that shows its form. */
export interface LinkState {
  readonly usable: boolean
  readonly needsPassword: boolean
  readonly needsUsername: boolean
}

/** A registration of an account that is there. */
type Waiting = RegistrationRow & { readonly user_id: string; readonly realm: string }

interface Confirmation {
  readonly row: Waiting
  readonly passwordHash: string
  readonly name: ReturnType<typeof checkUsername>
  readonly origin: Origin
}

/** The confirmation of an address by its mailed link. */
export class Verification {
  readonly #parts: VerificationParts

  constructor(parts: VerificationParts) {
    this.#parts = parts
  }

  /**
   * Looks at a link without using it: mail scanners open links, so a GET changes nothing.
   * @param realm where it is opened; by default where mails lead
   */
  async inspect(token: string, realm?: string): Promise<LinkState> {
    const row = await this.#findLive(token, realm)
    if (!row) return { usable: false, needsPassword: false, needsUsername: false }
    const { reader } = this.#parts.database
    const canonical = row.username_canonical ?? ''
    const taken = await isUsernameTaken(reader, { realm: row.realm, canonical })
    const needsPassword = row.password_hash === null || (await this.#isContested(row))
    return { usable: true, needsPassword, needsUsername: taken }
  }

  /**
   * Uses a link once: activates the account with the names and the password of its registration and
   * discards every other registration of the address. Throws `link_invalid`, or `username_taken`,
   * `password_required`, `weak_password`, after which the link can be used again; and `rate_limited`
   * for a link that tries one username after the other.
   */
  async verify(request: VerificationRequest): Promise<void> {
    const row = await this.#findLive(request.token, request.realm)
    if (!row) throw signUpErrors.link_invalid()
    if (request.username !== undefined) await this.#limitNames(row)
    const contested = await this.#isContested(row)
    const confirmation: Confirmation = {
      row: contested ? { ...row, ...nothingSaid } : row,
      passwordHash: await this.#passwordHash(contested ? null : row.password_hash, row, request),
      name:
        request.username === undefined && !contested
          ? namesOf(row)
          : checkUsername(request.username),
      origin: request.origin,
    }
    try {
      await this.#parts.database.transaction((trx) => this.#confirm(trx, confirmation))
    } catch (error) {
      if (isUniqueViolation(error)) throw signUpErrors.username_taken({ cause: error })
      throw error
    }
  }

  /** A link that may ask for any name could else be used to find out which are taken. */
  async #limitNames({ email_canonical: canonical, realm }: Waiting): Promise<void> {
    const name = laneName({ realm, canonical })
    const verdict = await this.#parts.limits.consume('auth', `link ${name}`)
    if (!verdict.allowed) throw rateLimited(verdict)
  }

  async #findLive(token: string, asked: string | undefined): Promise<Waiting | undefined> {
    if (!isTokenShaped(token)) return undefined
    const { clock, database } = this.#parts
    const row = await findRegistration(database.reader, hashToken(token))
    if (!row || row.used_at !== null || row.expires_at <= clock.now()) return undefined
    if (row.state === 'closed' || row.user_id === null) return undefined
    const realm = await findRealm(database.reader, row.user_id)
    if (realm === undefined || !isUsableAt(realm, asked)) return undefined
    return { ...row, user_id: row.user_id, realm }
  }

  /**
   * Whether this link must not decide on anything: somebody else registered the address and her own
   * mail was held back, so that all the links in the mailbox may be an attacker's.
   */
  #isContested(row: Waiting): Promise<boolean> {
    return hasUnmailedRegistration(this.#parts.database.reader, row)
  }

  async #passwordHash(
    waiting: string | null,
    row: RegistrationRow,
    { password }: VerificationRequest,
  ): Promise<string> {
    if (waiting !== null) return waiting
    if (password === undefined) throw signUpErrors.password_required()
    const { appName, hasher, policy } = this.#parts
    const { company_name, display_name, email_canonical, username } = row
    const words = passwordWords([appName, email_canonical, username, display_name, company_name])
    refuseWeak(await policy.check(password, words))
    return hasher.hash(password)
  }

  /**
   * The account's row comes first: all links of an address queue up there, where else each would
   * hold its own and wait for the others' to discard them.
   */
  async #confirm(trx: Trx, confirmation: Confirmation): Promise<void> {
    const { access, clock, defaultRole, recorder } = this.#parts
    const now = clock.now()
    const { name, origin, passwordHash, row } = confirmation
    const { realm } = row
    const { usernameCanonical: canonical } = name
    if (canonical !== null && (await isUsernameTaken(trx, { realm, canonical }))) {
      throw signUpErrors.username_taken()
    }
    const activated = await activateUser(trx, row.user_id, {
      email: row.email,
      username: name.username,
      username_canonical: name.usernameCanonical,
      display_name: row.display_name,
      company_name: row.company_name,
      metadata: row.metadata,
      verified_at: now,
    })
    if (!activated) throw signUpErrors.link_invalid()
    if (!(await consumeRegistration(trx, row.token_hash, now))) throw signUpErrors.link_invalid()
    await setPassword(trx, { user_id: row.user_id, hash: passwordHash, changed_at: now })
    await deleteRegistrationsOf(trx, row.user_id)
    const actor = { kind: 'user', id: row.user_id } as const
    await access.grantFirst(trx, { userId: row.user_id, role: defaultRole, actor, origin })
    await recorder.record(trx, {
      name: 'user.verified',
      actor,
      resource: { kind: 'user', id: row.user_id },
      origin,
      payload: { userId: row.user_id },
    })
  }
}

/** A contested link takes over nothing that its registration said. */
const nothingSaid = { display_name: null, company_name: null, metadata: '{}' } as const

function namesOf(row: RegistrationRow) {
  return { username: row.username, usernameCanonical: row.username_canonical }
}
