import { requiredLevel } from '../assurance/index.ts'
import { canonicalIdentifier } from '../crypto/index.ts'
import type { Db } from '../database/index.ts'
import type { SessionRow } from '../sessions/index.ts'
import {
  defaultRealm,
  findUserByEmail,
  findUserById,
  findUserByUsername,
  findUsers,
  type UserRow,
} from '../users/index.ts'
import { type AccountView, viewOf } from './account-view.ts'
import { adminErrors } from './errors.ts'
import { type AccountPage, type AccountQuery, cursorOf, type PageEnd, readCursor } from './page.ts'
import type { UserAdministrationParts } from './parts.ts'
import { findAccounts, findPasswordDates, findRolesOf } from './store.ts'

const usualPage = 50
const longestPage = 200
const longestList = 500

/** Accounts as they are read by administrators, code and the command line. */
export class Accounts {
  readonly #parts: UserAdministrationParts

  constructor(parts: UserAdministrationParts) {
    this.#parts = parts
  }

  /** An account by id, e-mail address or username. */
  async find(name: string): Promise<AccountView | undefined> {
    const row = await this.findRow(name)
    return row && (await this.view(row))
  }

  async getRow(name: string): Promise<UserRow> {
    const row = await this.findRow(name)
    if (!row) throw adminErrors.account_not_found()
    return row
  }

  async findRow(name: string): Promise<UserRow | undefined> {
    const { reader } = this.#parts.database
    const byId = await findUserById(reader, name)
    if (byId) return byId
    const { canonical, kind } = canonicalIdentifier(name)
    const known = { realm: defaultRealm, canonical }
    if (kind === 'email') return findUserByEmail(reader, known)
    return kind === 'username' ? findUserByUsername(reader, known) : undefined
  }

  async list(page: { readonly limit?: number; readonly after?: PageEnd }): Promise<AccountView[]> {
    const { after, limit = 100 } = page
    const rows = await findUsers(this.#parts.database.reader, {
      limit: Math.min(limit, longestList),
      ...(after ? { after } : {}),
    })
    return this.#views(rows)
  }

  async search(query: AccountQuery): Promise<AccountPage> {
    const { clock, database } = this.#parts
    const { after, limit = usualPage, role, search, status } = query
    const size = Math.max(1, Math.min(limit, longestPage))
    const rows = await findAccounts(database.reader, {
      limit: size + 1,
      now: clock.now(),
      ...(search === undefined ? {} : { search }),
      ...(status === undefined ? {} : { status }),
      ...(role === undefined ? {} : { role }),
      ...(after === undefined ? {} : { after: readCursor(after) }),
    })
    const users = await this.#views(rows.slice(0, size))
    const last = users.at(-1)
    return { users, next: last && rows.length > size ? cursorOf(last) : null }
  }

  async sessionsOf(name: string): Promise<readonly SessionRow[]> {
    const row = await this.getRow(name)
    return this.#parts.sessions.list(row.id)
  }

  /** An account as it is shown; inside a transaction as it will be. */
  async view(row: UserRow, db: Db = this.#parts.database.reader): Promise<AccountView> {
    const [view] = await this.#views([row], db)
    if (!view) throw adminErrors.account_not_found()
    return view
  }

  async #views(rows: readonly UserRow[], db = this.#parts.database.reader) {
    const { clock, mfa, throttle } = this.#parts
    const { required, roles: demanding } = mfa
    const now = clock.now()
    const ids = rows.map(({ id }) => id)
    const roles = await findRolesOf(db, ids, now)
    const dates = await findPasswordDates(db, ids)
    const views: AccountView[] = []
    for (const row of rows) {
      const guesses = await throttle.stateOf(db, row.id)
      const held = roles.get(row.id) ?? []
      const demanded = { required, roles: demanding }
      const facts = {
        roles: held,
        requiredLevel: requiredLevel(demanded, { roles: held, dueAt: null, now }),
        passwordChangedAt: dates.get(row.id) ?? null,
        passwordLockedUntil: guesses.lockedUntil,
        lastFailureAt: guesses.lastFailureAt,
      }
      views.push(viewOf(row, facts, now))
    }
    return views
  }
}
