import type { Access } from '../access/index.ts'
import type { KeyImports } from '../api-keys/index.ts'
import { hashToken, newToken } from '../crypto/index.ts'
import type { Db, Trx } from '../database/index.ts'
import type { Actor, Recorder } from '../events/index.ts'
import type { Factors } from '../factors/index.ts'
import { setPassword } from '../passwords/index.ts'
import { type Clock, type Random, uuidv7 } from '../ports/index.ts'
import { deleteRegistrationsOf, insertRegistration } from '../sign-up/index.ts'
import {
  adoptUser,
  defaultRealm,
  findUserByEmail,
  insertUser,
  isInvited,
  isUsernameTaken,
  type RealmName,
  type UserRow,
} from '../users/index.ts'
import type { ImportedAccount } from './account.ts'

export interface WritingParts {
  readonly recorder: Recorder
  readonly access: Access
  readonly factors: Factors
  readonly keys: KeyImports
  readonly clock: Clock
  readonly random: Random
}

/** Who imports, for the record. */
export interface ImportedBy {
  readonly actor: Actor
  readonly reason?: string
}

/** Why an account cannot be made beside those that are there. */
export type Conflict = 'exists' | 'key_exists'

/** How long an address that nobody has confirmed waits for its owner. */
const waitMs = 365 * 24 * 60 * 60 * 1000

/**
 * Writes imported accounts, each with its password, its authenticator app, its roles, its keys
 * and its record.
 */
export class AccountWriter {
  readonly #parts: WritingParts

  constructor(parts: WritingParts) {
    this.#parts = parts
  }

  /** Makes the account; when it cannot be made, changes nothing and says why. */
  async write(trx: Trx, account: ImportedAccount, by: ImportedBy): Promise<Conflict | undefined> {
    const { clock, keys } = this.#parts
    const now = clock.now()
    if (await keys.areKnown(trx, account.apiKeys)) return 'key_exists'
    const row = this.#rowOf(account, by, now)
    const userId = (await isNameTaken(trx, account)) ? undefined : await insertOrAdopt(trx, row)
    if (userId === undefined) return 'exists'
    if (account.emailVerified) await this.#complete(trx, userId, { account, by, now })
    else await this.#wait(trx, userId, account)
    await this.#parts.recorder.record(trx, {
      name: 'user.imported',
      actor: by.actor,
      resource: { kind: 'user', id: userId },
      ...(by.reason === undefined ? {} : { reason: by.reason }),
      payload: { userId },
    })
    return undefined
  }

  /** What {@link write} would say. Changes nothing. */
  async findConflict(db: Db, account: ImportedAccount): Promise<Conflict | undefined> {
    if (await this.#parts.keys.areKnown(db, account.apiKeys)) return 'key_exists'
    return (await isTaken(db, account)) ? 'exists' : undefined
  }

  async #complete(
    trx: Trx,
    userId: string,
    given: { readonly account: ImportedAccount; readonly by: ImportedBy; readonly now: number },
  ): Promise<void> {
    const { account, by, now } = given
    const { access, factors, keys } = this.#parts
    const { totpSecret: secret } = account
    if (account.passwordHash !== null) {
      await setPassword(trx, { user_id: userId, hash: account.passwordHash, changed_at: now })
    }
    if (secret) await factors.adopt(trx, { userId, secret })
    for (const role of account.roles) {
      await access.grantFirst(trx, { userId, role, ...by })
    }
    await keys.adopt(trx, userId, { keys: account.apiKeys, by })
  }

  /**
   * What a registration would have left: the names and the password wait for a link, which the owner
   * asks for. Nobody knows the token of this row.
   */
  async #wait(trx: Trx, userId: string, account: ImportedAccount): Promise<void> {
    const { clock, random } = this.#parts
    const now = clock.now()
    const id = uuidv7(now, random)
    await insertRegistration(trx, {
      id,
      user_id: userId,
      origin_id: id,
      token_hash: hashToken(newToken(random)),
      ...namesOf(account),
      password_hash: account.passwordHash,
      password_tag: null,
      state: 'open',
      created_at: now,
      expires_at: now + waitMs,
      used_at: null,
    })
  }

  /** An unconfirmed account holds nothing but its address, as after a registration. */
  #rowOf(account: ImportedAccount, by: ImportedBy, now: number): UserRow {
    const { createdAt = now, disabled, email, emailCanonical, emailVerified } = account
    const open = emailVerified ? 'active' : 'pending'
    const names = emailVerified ? namesOf(account) : noNames
    return {
      id: uuidv7(now, this.#parts.random),
      realm: defaultRealm,
      ...names,
      email,
      email_canonical: emailCanonical,
      status: disabled ? 'disabled' : open,
      status_reason: disabled ? 'imported as disabled' : null,
      locked_until: null,
      created_at: createdAt,
      created_by: emailVerified ? (by.actor.id ?? by.actor.kind).slice(0, 64) : null,
      verified_at: emailVerified ? now : null,
      ...untouched,
    }
  }
}

/** Imported accounts are of no isolated organisation. */
function inDefault(canonical: string): RealmName {
  return { realm: defaultRealm, canonical }
}

/** A name that waits with its address is in no unique rule yet. */
async function isNameTaken(trx: Trx, account: ImportedAccount): Promise<boolean> {
  if (account.emailVerified || account.usernameCanonical === null) return false
  return isUsernameTaken(trx, inDefault(account.usernameCanonical))
}

/** Whether the address or the name is taken. */
async function isTaken(db: Db, account: ImportedAccount): Promise<boolean> {
  if (await isUsernameTaken(db, inDefault(account.usernameCanonical ?? ''))) return true
  const holder = await findUserByEmail(db, inDefault(account.emailCanonical))
  if (!holder) return false
  return !(account.emailVerified && holder.status === 'pending' && !isInvited(holder))
}

/**
 * The id of the account, or undefined when it cannot be made. Who registered the address and never
 * confirmed it gives way to somebody whose address is known, with all that is theirs.
 */
async function insertOrAdopt(trx: Trx, row: UserRow): Promise<string | undefined> {
  if (await insertUser(trx, row)) return row.id
  if (row.verified_at === null) return undefined
  if (await isUsernameTaken(trx, inDefault(row.username_canonical ?? ''))) return undefined
  const holder = await findUserByEmail(trx, inDefault(row.email_canonical))
  const { company_name, display_name, email, metadata, username, username_canonical } = row
  const names = { company_name, display_name, email, metadata, username, username_canonical }
  const standing = { status: row.status, verified_at: row.verified_at }
  const values = { ...names, ...standing, created_by: row.created_by ?? 'code' }
  if (!holder || !(await adoptUser(trx, holder.id, values))) return undefined
  await deleteRegistrationsOf(trx, holder.id)
  return holder.id
}

function namesOf(account: ImportedAccount) {
  return {
    email: account.email,
    email_canonical: account.emailCanonical,
    username: account.username,
    username_canonical: account.usernameCanonical,
    display_name: account.displayName,
    company_name: account.companyName,
    metadata: account.metadata,
  }
}

const noNames = Object.freeze({
  username: null,
  username_canonical: null,
  display_name: null,
  company_name: null,
  metadata: '{}',
} as const)

const untouched = Object.freeze({
  last_sign_in_at: null,
  last_sign_in_ip: null,
  last_failure_at: null,
  credentials_version: 0,
  erase_at: null,
  totp_since: null,
  passkeys: 0,
  mfa_due_at: null,
} as const)
