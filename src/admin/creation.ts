import { canonicalEmail } from '../crypto/index.ts'
import { isUniqueViolation, type Trx } from '../database/index.ts'
import { organisationErrors } from '../organisations/index.ts'
import { setPassword } from '../passwords/index.ts'
import { uuidv7 } from '../ports/index.ts'
import { checkUsername, deleteRegistrationsOf, signUpErrors } from '../sign-up/index.ts'
import {
  type Adoption,
  adoptUser,
  defaultRealm,
  findUserByEmail,
  findUserById,
  insertUser,
  isInvited,
  isNowhere,
  type UserRow,
} from '../users/index.ts'
import type { AccountView } from './account-view.ts'
import type { Accounts } from './accounts.ts'
import { actorOf, type By, roleChange } from './by.ts'
import type { Changes } from './changes.ts'
import { refuseWeakPassword } from './credentials.ts'
import { adminErrors } from './errors.ts'
import type { AccountMails } from './mails.ts'
import type { UserAdministrationParts } from './parts.ts'

/** An account that is made for somebody, who gets a link to set the first password. Names are checked as in a registration. */
export interface NewInvitation {
  readonly email: string
  readonly username?: string | undefined
  readonly displayName?: string | undefined
  readonly companyName?: string | undefined
  /** Default: the role of new accounts. */
  readonly roles?: readonly string[] | undefined
  /** Id or short name of the organisation whose account it is, where each has accounts of its own. */
  readonly organisation?: string | undefined
}

/** An account that is ready at once. */
export interface NewAccount extends NewInvitation {
  readonly password: string
}

interface Prepared {
  readonly row: UserRow
  /** Undefined: the role of new accounts, which is nobody's to choose. */
  readonly roles: readonly string[] | undefined
  readonly by: By
}

/** Accounts made by an administrator, code or the command line. */
export class Creation {
  readonly #parts: UserAdministrationParts
  readonly #accounts: Accounts
  readonly #changes: Changes
  readonly #mails: AccountMails

  constructor(
    parts: UserAdministrationParts,
    with_: {
      readonly accounts: Accounts
      readonly changes: Changes
      readonly mails: AccountMails
    },
  ) {
    this.#parts = parts
    this.#accounts = with_.accounts
    this.#changes = with_.changes
    this.#mails = with_.mails
  }

  async create(input: NewAccount, by: By): Promise<AccountView> {
    const prepared = await this.#prepare(input, by, 'active')
    const email = prepared.row.email_canonical
    await refuseWeakPassword(this.#parts, { ...input, email })
    const hash = await this.#parts.hasher.hash(input.password)
    return this.#make(prepared, async (trx, row) => {
      await setPassword(trx, { user_id: row.id, hash, changed_at: prepared.row.created_at })
    })
  }

  async invite(input: NewInvitation, by: By): Promise<AccountView> {
    this.#refuseClosed()
    const prepared = await this.#prepare(input, by, 'pending')
    return this.#make(prepared, (trx, row) => this.#sendInvitation(trx, row, by))
  }

  async inviteAgain(name: string, by: By): Promise<void> {
    this.#refuseClosed()
    return this.#changes.run(name, by, async ({ row, trx }) => {
      if (!isInvited(row)) {
        throw adminErrors.account_state_conflict({
          members: { accountStatus: row.status },
          explanation: `The account is ${row.status} and waits for no invitation.`,
        })
      }
      await this.#sendInvitation(trx, row, by)
    })
  }

  #refuseClosed(): void {
    if (this.#parts.registration !== 'closed') return
    const explanation =
      "The option registration is 'closed'; 'invite' lets those come whom an administrator invites."
    throw adminErrors.invitations_closed({ explanation })
  }

  async #sendInvitation(trx: Trx, row: UserRow, by: By): Promise<void> {
    await this.#mails.invite(trx, row)
    await this.#changes.record(trx, 'user.invited', { payload: { userId: row.id }, by })
  }

  /** Throws `organisation_not_found` for one that is none, and for any where accounts are of no organisation. */
  async #realmOf(organisation: string | undefined): Promise<string> {
    if (organisation === undefined) return defaultRealm
    const realm = await this.#parts.realms?.find(organisation)
    if (realm === undefined || isNowhere(realm)) throw organisationErrors.organisation_not_found()
    return realm
  }

  async #prepare(input: NewInvitation, by: By, status: 'active' | 'pending'): Promise<Prepared> {
    const { clock, random } = this.#parts
    const email = canonicalEmail(input.email)
    if (!email.ok) throw signUpErrors[email.code]()
    const name = checkUsername(input.username)
    const now = clock.now()
    const { id, kind } = actorOf(by)
    const row: UserRow = {
      ...emptyUser,
      realm: await this.#realmOf(input.organisation),
      id: uuidv7(now, random),
      status,
      email: email.address,
      email_canonical: email.canonical,
      username: name.username,
      username_canonical: name.usernameCanonical,
      display_name: input.displayName ?? null,
      company_name: input.companyName ?? null,
      created_at: now,
      created_by: (id ?? kind).slice(0, 64),
      verified_at: status === 'active' ? now : null,
    }
    return { row, roles: input.roles, by }
  }

  async #make(
    { by, roles, row }: Prepared,
    finish: (trx: Trx, row: UserRow) => Promise<void>,
  ): Promise<AccountView> {
    const { access, database } = this.#parts
    try {
      return await database.transaction(async (trx) => {
        if (by.giver && roles) await access.demand(trx, by.giver, 'write:security:roles')
        const userId = await this.#insert(trx, row, by)
        await this.#changes.record(trx, 'user.created', { payload: { userId }, by })
        for (const role of roles ?? [this.#parts.defaultRole]) {
          const change = roleChange({ userId, role }, by)
          await access.grantFirst(trx, roles ? change : { ...change, isDefault: true })
        }
        const made = (await findUserById(trx, userId)) ?? row
        await finish(trx, made)
        return this.#accounts.view(made, trx)
      })
    } catch (error) {
      if (isUniqueViolation(error)) throw adminErrors.account_exists({ cause: error })
      throw error
    }
  }

  /**
   * An address that somebody registered and never confirmed is taken over, with nothing of theirs. One
   * that was invited is not: it holds roles that another administrator gave. Nor is one that was given
   * more than this administrator holds.
   */
  async #insert(trx: Trx, row: UserRow, { giver }: By): Promise<string> {
    if (await insertUser(trx, row)) return row.id
    const taken = await findUserByEmail(trx, { realm: row.realm, canonical: row.email_canonical })
    const adopted = taken && (await adoptUser(trx, taken.id, adoptionOf(row)))
    if (!adopted) throw adminErrors.account_exists()
    const { access } = this.#parts
    const { roles } = await access.rolesOf(trx, taken.id)
    if (giver) await access.refuseOutranked(trx, giver, roles)
    await deleteRegistrationsOf(trx, taken.id)
    return taken.id
  }
}

function adoptionOf(row: UserRow): Adoption {
  const { company_name, display_name, email, metadata, username, username_canonical } = row
  const { created_by, status, verified_at } = row
  return {
    ...{ company_name, display_name, email, metadata, username, username_canonical },
    ...{ created_by: created_by ?? 'code', status, verified_at },
  }
}

const emptyUser = Object.freeze({
  status_reason: null,
  locked_until: null,
  metadata: '{}',
  last_sign_in_at: null,
  last_sign_in_ip: null,
  last_failure_at: null,
  credentials_version: 0,
  erase_at: null,
  totp_since: null,
  passkeys: 0,
  mfa_due_at: null,
} as const)
