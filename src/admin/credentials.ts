import type { Trx } from '../database/index.ts'
import {
  blockPassword,
  findPassword,
  type PasswordPolicy,
  passwordWords,
  refuseWeak,
  setPassword,
} from '../passwords/index.ts'
import { bumpCredentials, type UserRow } from '../users/index.ts'
import type { Accounts } from './accounts.ts'
import { actorOf, type By } from './by.ts'
import type { Changes } from './changes.ts'
import type { AccountMails } from './mails.ts'
import type { UserAdministrationParts } from './parts.ts'

/** What a new password must not be made of. */
export interface PasswordContext {
  readonly password: string
  readonly email: string
  readonly username?: string | undefined
  readonly displayName?: string | undefined
  readonly companyName?: string | undefined
}

/** Throws `weak_password`. */
export async function refuseWeakPassword(
  { appName, policy }: { readonly appName: string; readonly policy: PasswordPolicy },
  { companyName, displayName, email, password, username }: PasswordContext,
): Promise<void> {
  const words = passwordWords([appName, email, username, displayName, companyName])
  refuseWeak(await policy.check(password, words))
}

/** Passwords and sessions of accounts, as somebody else than their owner handles them. */
export class Credentials {
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

  async setPassword(name: string, password: string, by: By): Promise<void> {
    const { clock, devices, hasher, sessions, throttle } = this.#parts
    const found = await this.#accounts.getRow(name)
    await refuseWeakPassword(this.#parts, contextOf(found, password))
    const hash = await hasher.hash(password)
    await this.#changes.run(found.id, by, async ({ row, trx }) => {
      await setPassword(trx, { user_id: row.id, hash, changed_at: clock.now() })
      await sessions.endAll(trx, row.id, { reason: 'password_set', actor: actorOf(by) })
      await devices.forgetAll(trx, row.id)
      await throttle.clear(trx, row.id)
      await this.#endLinks(trx, row.id)
      await this.#changes.record(trx, 'user.password_set', { payload: { userId: row.id }, by })
    })
  }

  /** Whatever let somebody in ends, API keys among it: whoever made them may not have been the owner. */
  forceReset(name: string, by: By): Promise<void> {
    return this.#changes.run(name, by, async (account) => {
      const { row, trx } = account
      this.#changes.demand(account, ['active', 'locked'])
      await blockPassword(trx, row.id, 'forced')
      const end = { reason: 'password_reset_forced', actor: actorOf(by) }
      await this.#parts.sessions.endAll(trx, row.id, end)
      await this.#parts.apiKeys.revokeAll(trx, row.id, { ...by, reason: 'password_reset_forced' })
      await this.#parts.devices.forgetAll(trx, row.id)
      await this.#endLinks(trx, row.id)
      const password = await findPassword(trx, row.id)
      await this.#mails.reset(trx, row, password?.blocked === 'reported' ? 'secure' : 'reset')
      await this.#changes.record(trx, 'user.reset_forced', { payload: { userId: row.id }, by })
    })
  }

  /** The account's row comes first, and a sign-in that has begun does not outlast it. */
  endSessions(name: string, by: By): Promise<number> {
    return this.#changes.run(name, by, async ({ row, trx }) => {
      await bumpCredentials(trx, row.id)
      const end = { reason: 'ended_by_administrator', actor: actorOf(by) }
      const count = await this.#parts.sessions.endAll(trx, row.id, end)
      await this.#parts.devices.distrustAll(trx, row.id)
      await this.#endLinks(trx, row.id)
      const payload = { userId: row.id, count }
      await this.#changes.record(trx, 'user.sessions_ended', { payload, by })
      return count
    })
  }

  /** What an intruder may have left waiting, an address of theirs first of all. Invitations stay. */
  async #endLinks(trx: Trx, userId: string): Promise<void> {
    await this.#parts.links.end(trx, userId, ['reset', 'secure', 'change_email'])
  }
}

function contextOf(row: UserRow, password: string): PasswordContext {
  return {
    password,
    email: row.email_canonical,
    username: row.username ?? undefined,
    displayName: row.display_name ?? undefined,
    companyName: row.company_name ?? undefined,
  }
}
