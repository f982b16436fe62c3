import type { Access } from '../access/index.ts'
import { hashToken, newToken, type PasswordHasher } from '../crypto/index.ts'
import { type Database, inBatches, type Trx } from '../database/index.ts'
import type { Origin, Recorder } from '../events/index.ts'
import type { Limits } from '../limits/index.ts'
import type { MailRenderer, Outbox } from '../mail/index.ts'
import { type PasswordPolicy, passwordWords, refuseWeak } from '../passwords/index.ts'
import { type Clock, type Random, uuidv7 } from '../ports/index.ts'
import {
  type Asker,
  findUserByEmail,
  insertUser,
  isInvited,
  isNowhere,
  isUsernameTaken,
  laneName,
  readAsker,
} from '../users/index.ts'
import { signUpErrors } from './errors.ts'
import { type MailNotice, SignUpMails } from './mails.ts'
import { type CheckedRegistration, checkRegistration, type Registration } from './request.ts'
import {
  deleteAbandonedUsers,
  deleteExpiredRegistrations,
  findWaitingRegistration,
  insertRegistration,
} from './store.ts'
import type { RegistrationRow } from './table.ts'

/** Expired registrations still tell that an address is contested. */
const keepExpiredMs = 7 * 24 * 60 * 60 * 1000

export interface SignUpParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly outbox: Outbox
  readonly render: MailRenderer
  readonly hasher: PasswordHasher
  readonly policy: PasswordPolicy
  readonly limits: Limits
  readonly access: Access
  readonly clock: Clock
  readonly random: Random
  readonly appName: string
  readonly registration: 'open' | 'invite' | 'closed'
  readonly metadata: readonly string[]
  /** See `password-tag.ts`. */
  readonly passwordTag: (password: string) => number
  readonly defaultRole: string
  readonly linkMs: number
  /** Absolute address of the page that confirms; the token is appended. */
  readonly verifyPage: string
  readonly signInPage: string
}

interface ChosenPassword {
  readonly hash: string
  readonly tag: number
}

interface Prepared {
  readonly token: string
  readonly row: Omit<RegistrationRow, 'user_id' | 'origin_id'>
  readonly checked: CheckedRegistration
  readonly realm: string
}

/**
 * Registration. Known and unknown addresses take the same path: the same checks, one hash, one
 * transaction of the same statements and one row in the outbox. What differs is whether a row can
 * ever be confirmed and which text the mail holds.
 */
export class SignUp {
  readonly #parts: SignUpParts
  readonly #mails: SignUpMails

  constructor(parts: SignUpParts) {
    this.#parts = parts
    this.#mails = new SignUpMails(parts)
  }

  /**
   * Accepts a registration. Resolves in the same way whether or not the address is known. Throws
   * for input that nobody could register: `email_*`, `username_invalid`, `weak_password`,
   * `registration_closed`; and `rate_limited` for a client that registers too much.
   * @param asker the client's key, or it with the realm that the account shall be of
   */
  async register(input: Registration, origin: Origin, asker: Asker | string): Promise<void> {
    if (this.#parts.registration !== 'open') throw signUpErrors.registration_closed()
    const { clientKey, realm } = readAsker(asker)
    const checked = checkRegistration(input, this.#parts.metadata)
    await this.#mails.limitClient(clientKey)
    refuseWeak(await this.#parts.policy.check(input.password, this.#words(checked)))
    const passwordHash = await this.#parts.hasher.hash(input.password)
    const tag = this.#parts.passwordTag(input.password)
    const prepared = { ...this.#prepare(checked, { hash: passwordHash, tag }), realm }
    const name = { realm, canonical: checked.emailCanonical }
    const mayMail = await this.#mails.mayMail('register', laneName(name))
    await this.#parts.database.transaction((trx) => this.#write(trx, { prepared, origin, mayMail }))
  }

  /** Sends a new link to an address that waits for one; says the same for every address. */
  async resend(email: string, origin: Origin, asker: Asker | string): Promise<void> {
    const { clientKey, realm } = readAsker(asker)
    const checked = checkRegistration({ email }, [])
    await this.#mails.limitClient(clientKey)
    const name = { realm, canonical: checked.emailCanonical }
    const mayMail = await this.#mails.mayMail('resend', laneName(name))
    await this.#parts.database.transaction((trx) =>
      this.#writeResend(trx, { checked, realm, origin, mayMail }),
    )
  }

  /**
   * The job that forgets registrations nobody confirmed.
   * @internal run by its job
   */
  async sweep(signal?: AbortSignal): Promise<void> {
    const { clock, database } = this.#parts
    const before = clock.now() - keepExpiredMs
    for (const remove of [deleteExpiredRegistrations, deleteAbandonedUsers]) {
      await inBatches(database, { size: 500, signal }, (trx, size) => remove(trx, before, size))
    }
  }

  #words(checked: CheckedRegistration): readonly string[] {
    return passwordWords([
      this.#parts.appName,
      checked.emailCanonical,
      checked.usernameCanonical,
      checked.displayName,
      checked.companyName,
    ])
  }

  #prepare(checked: CheckedRegistration, password?: ChosenPassword): Omit<Prepared, 'realm'> {
    const { clock, linkMs, random } = this.#parts
    const now = clock.now()
    const token = newToken(random)
    const row = {
      id: uuidv7(now, random),
      token_hash: hashToken(token),
      email: checked.email,
      email_canonical: checked.emailCanonical,
      username: checked.username,
      username_canonical: checked.usernameCanonical,
      display_name: checked.displayName,
      company_name: checked.companyName,
      metadata: checked.metadata,
      password_hash: password?.hash ?? null,
      password_tag: password?.tag ?? null,
      state: 'open' as const,
      created_at: now,
      expires_at: now + linkMs,
      used_at: null,
    }
    return { token, row, checked }
  }

  async #write(
    trx: Trx,
    work: { readonly prepared: Prepared; readonly origin: Origin; readonly mayMail: boolean },
  ): Promise<void> {
    const { checked, realm, row, token } = work.prepared
    const created = await this.#insertPending(trx, checked, realm)
    const user = await findUserByEmail(trx, { realm, canonical: checked.emailCanonical })
    if (!user) throw new Error('an account vanished inside the transaction that made it')
    // Whoever registers an invited address gets nothing by it: her account holds roles already.
    const pending = user.status === 'pending' && !isInvited(user)
    const canonical = checked.usernameCanonical ?? ''
    const taken = await isUsernameTaken(trx, { realm, canonical })
    // In an organisation that does not exist there is nothing to confirm, and nobody is mailed.
    const exists = !isNowhere(realm)
    const mailed = work.mayMail ? 'open' : 'unmailed'
    await insertRegistration(trx, {
      ...row,
      user_id: user.id,
      origin_id: row.id,
      state: pending && exists ? mailed : 'closed',
    })
    const notice: MailNotice = pending ? (taken ? 'username-taken' : 'verify') : 'registered'
    const mail = { notice, to: pending ? checked.email : user.email, token }
    await this.#mails.enqueue(trx, { ...mail, suppressed: !work.mayMail || !exists })
    await this.#parts.recorder.record(trx, {
      name: created ? 'user.registered' : 'user.registration_repeated',
      actor: { kind: 'anonymous' },
      resource: { kind: 'user', id: user.id },
      origin: work.origin,
      payload: { userId: user.id },
    })
  }

  #insertPending(trx: Trx, checked: CheckedRegistration, realm: string): Promise<boolean> {
    const { clock, random } = this.#parts
    const now = clock.now()
    return insertUser(trx, {
      id: uuidv7(now, random),
      realm,
      email: checked.email,
      email_canonical: checked.emailCanonical,
      username: null,
      username_canonical: null,
      display_name: null,
      company_name: null,
      status: 'pending',
      status_reason: null,
      locked_until: null,
      metadata: '{}',
      created_at: now,
      created_by: null,
      verified_at: null,
      last_sign_in_at: null,
      last_sign_in_ip: null,
      last_failure_at: null,
      credentials_version: 0,
      erase_at: null,
      totp_since: null,
      passkeys: 0,
      mfa_due_at: null,
    })
  }

  async #writeResend(
    trx: Trx,
    work: {
      readonly checked: CheckedRegistration
      readonly realm: string
      readonly origin: Origin
      readonly mayMail: boolean
    },
  ): Promise<void> {
    const { checked, realm } = work
    const email = { realm, canonical: checked.emailCanonical }
    const known = await findWaitingRegistration(trx, email, this.#parts.clock.now())
    const { contested, latest } = known
    const waiting = latest !== undefined && known.pending
    const { row, token } = this.#prepare(checked)
    await insertRegistration(trx, waiting ? repeated(row, { latest, contested }) : standIn(row))
    const suppressed = !waiting || !work.mayMail
    const to = waiting ? latest.email : checked.email
    await this.#mails.enqueue(trx, { notice: 'verify', to, token, suppressed })
    await this.#parts.recorder.record(trx, {
      name: 'user.verification_resent',
      actor: { kind: 'anonymous' },
      outcome: suppressed ? 'refused' : 'success',
      origin: work.origin,
      payload: known.userId === null ? {} : { userId: known.userId },
    })
  }
}

/**
 * A repeated link keeps the password of its registration only while nobody else registered the
 * address. Otherwise nobody knows whose password it would confirm, so the link asks for a new one and
 * takes over nothing else either.
 */
function repeated(
  row: Prepared['row'],
  { contested, latest }: { readonly contested: boolean; readonly latest: RegistrationRow },
): RegistrationRow {
  const { id, token_hash, created_at, expires_at } = row
  const again = { ...row, user_id: latest.user_id, origin_id: id }
  const own = { id, token_hash, created_at, expires_at, state: 'open' } as const
  return { ...again, ...(contested ? {} : latest), ...own }
}

/**
 * What an address that waits for no link gets instead: as dear, and neither anybody's nor alive. Where
 * the address would stand it holds bytes as random as one, so that the same pages are written, and as
 * many; no address looks like them.
 */
function standIn(row: Prepared['row']): RegistrationRow {
  const { created_at, email, id, token_hash } = row
  const nobodys = { email: token_hash.slice(0, email.length), email_canonical: token_hash }
  const filler = { password_hash: token_hash, password_tag: 0, user_id: null, origin_id: id }
  return { ...row, ...nobodys, ...filler, expires_at: created_at, state: 'closed' }
}
