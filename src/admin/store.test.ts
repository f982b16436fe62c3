import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import type { Trx } from '../database/index.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'
import {
  activateInvited,
  adoptUser,
  changeStatus,
  defaultRealm,
  deleteUser,
  findUserById,
  findUsersToErase,
  insertUser,
  isInvited,
  type UserRow,
} from '../users/index.ts'
import { type AccountFilter, findAccounts, findPasswordDates, findRolesOf } from './store.ts'

const names = [
  ...['100%', '100', 'a_b', 'axb', "O'Brien", 'back\\slash', 'bang!', 'Müller', 'MÜLLER', '名前'],
  ...['İstanbul', '%', '_', '!', '\\', "'", '"; drop table hf_users; --', ' spaced ', 'ﬁsh'],
]
const now = 1_000_000

describeEngines('the store of administrators', (engine) => {
  let fresh: FreshDatabase
  let kit: TestSecurity
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    kit = await createTestSecurity({ database: fresh.url })
    await transaction(async (trx) => {
      for (const [at, name] of names.entries()) await insertUser(trx, rowOf(at, name))
    })
  })
  afterAll(async () => {
    await kit?.close()
    await fresh?.drop()
  })

  const transaction = <T>(work: (trx: Trx) => Promise<T>) =>
    kit.security.parts.ground.database.transaction(work)
  const reader = () => kit.security.parts.ground.database.reader
  const find = (filter: Partial<AccountFilter> = {}) =>
    findAccounts(reader(), { now, limit: 200, ...filter })
  const namesOf = async (filter: Partial<AccountFilter>) =>
    (await find(filter)).map((row) => row.display_name)

  it('finds a part of a name, in which % _ ! and \\ mean themselves', async () => {
    for (const part of ['%', '_', '!', '\\', "'", '"; drop', '名', 'axb', '100%', ' spaced ']) {
      const expected = names.filter((name) => name.includes(part))
      expect(await namesOf({ search: part }), part).toEqual(expected)
    }
    expect(await namesOf({ search: 'a_b' })).toEqual(['a_b'])
    expect(await namesOf({ search: 'nobody' })).toEqual([])
    expect(await namesOf({ search: '' })).toHaveLength(names.length)
  })

  it('finds what was typed, and ASCII letters of either case', async () => {
    expect(await namesOf({ search: "o'brien" })).toEqual(["O'Brien"])
    expect(await namesOf({ search: 'BANG' })).toEqual(['bang!'])
    for (const typed of ['Müller', 'MÜLLER', 'İstanbul']) {
      expect(await namesOf({ search: typed })).toContain(typed)
    }
  })

  it('finds a part of an address or a username, in its canonical form', async () => {
    expect(await namesOf({ search: 'PERSON3@' })).toEqual([names[3]])
    expect(await namesOf({ search: 'Nick-4' })).toEqual([names[4]])
    expect(await namesOf({ search: 'ｎｉｃｋ-4' })).toEqual([names[4]])
    expect(await namesOf({ search: 'nick_4' })).toEqual([])
  })

  it('finds by chance what was put there, and nothing that does not hold it', async () => {
    const part = fc.tuple(
      fc.nat({ max: names.length - 1 }),
      fc.nat(6),
      fc.integer({ min: 1, max: 6 }),
    )
    await fc.assert(
      fc.asyncProperty(part, async ([at, from, length]) => {
        const name = names[at] ?? ''
        const search = [...name].slice(from, from + length).join('')
        const found = await namesOf({ search })
        expect(found).toContain(name)
      }),
      { numRuns: 60 },
    )
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 20 }), async (search) => {
        await find({ search: search.replaceAll('\0', '') })
      }),
      { numRuns: 60 },
    )
  })

  it('goes page by page through all of them, each once, also where instants are the same', async () => {
    const seen: string[] = []
    let after: { createdAt: number; id: string } | undefined
    for (;;) {
      const rows = await find({ limit: 3, ...(after ? { after } : {}) })
      seen.push(...rows.map((row) => row.id))
      const last = rows.at(-1)
      if (!last) break
      after = { createdAt: last.created_at, id: last.id }
    }
    expect(seen).toEqual(names.map((_, at) => idOf(at)))
  })

  it('counts a lock whose end has passed as none', async () => {
    const lock = (at: number, lockedUntil?: number) =>
      transaction((trx) =>
        changeStatus(trx, idOf(at), {
          ...{ from: ['active'], to: 'locked', reason: 'x' },
          ...(lockedUntil === undefined ? {} : { lockedUntil }),
        }),
      )
    await lock(0)
    await lock(1, now)
    await lock(2, now + 1)
    const ids = async (status: AccountFilter['status'] & string) =>
      (await find({ status })).map((row) => row.id)
    expect(await ids('locked')).toEqual([idOf(0), idOf(2)])
    expect(await ids('active')).toHaveLength(names.length - 2)
    expect(await ids('active')).toContain(idOf(1))
    expect(await ids('pending')).toEqual([])
  })

  it('finds who holds a role now, and what many hold', async () => {
    const grant = (at: number, role: string, expires_at: number | null) =>
      transaction((trx) =>
        trx
          .insertInto('hf_grants')
          .values({
            ...{ user_id: idOf(at), role, expires_at, granted_at: 1 },
            ...{ granted_by: null, reason: null },
          })
          .execute(),
      )
    await grant(3, 'manager', null)
    await grant(3, 'admin', now + 1)
    await grant(4, 'manager', now)
    expect((await find({ role: 'manager' })).map((row) => row.id)).toEqual([idOf(3)])
    expect(await findRolesOf(reader(), [idOf(3), idOf(4)], now)).toEqual(
      new Map([[idOf(3), ['admin', 'manager']]]),
    )
    expect(await findRolesOf(reader(), [], now)).toEqual(new Map())
  })

  it('knows when passwords were set', async () => {
    await transaction((trx) =>
      trx
        .insertInto('hf_passwords')
        .values({ user_id: idOf(5), hash: 'x', changed_at: 77, blocked: null })
        .execute(),
    )
    expect(await findPasswordDates(reader(), [idOf(5), idOf(6)])).toEqual(new Map([[idOf(5), 77]]))
    expect(await findPasswordDates(reader(), [])).toEqual(new Map())
  })

  it('adopts what registered itself, and activates what was invited, each once and no other', async () => {
    const pending = { status: 'pending', verified_at: null } as const
    const [own, invited] = [rowOf(100, 'own'), rowOf(101, 'invited')]
    await transaction(async (trx) => {
      await insertUser(trx, { ...own, ...pending })
      await insertUser(trx, { ...invited, ...pending, created_by: 'admin' })
    })
    const { company_name, display_name, email, metadata, username, username_canonical } = own
    const names = { company_name, display_name, email, metadata, username, username_canonical }
    const adopt = (id: string) =>
      transaction((trx) => adoptUser(trx, id, { ...names, ...pending, created_by: 'root' }))
    const activate = (id: string) => transaction((trx) => activateInvited(trx, id, 9))
    expect(await activate(own.id)).toBe(false)
    expect([await adopt(own.id), await adopt(own.id)]).toEqual([true, false])
    expect(isInvited((await findUserById(reader(), own.id)) ?? own)).toBe(true)
    expect([await activate(invited.id), await activate(invited.id)]).toEqual([true, false])
    expect(await findUserById(reader(), invited.id)).toMatchObject({
      ...{ status: 'active', verified_at: 9 },
    })
  })

  it('erases what is due, the longest first, and takes a due end back with any change', async () => {
    const close = (at: number, eraseAt: number) =>
      transaction((trx) =>
        changeStatus(trx, idOf(at), { from: ['active'], to: 'disabled', reason: 'x', eraseAt }),
      )
    await close(10, 50)
    await close(11, 40)
    await close(12, 30)
    expect(await findUsersToErase(reader(), 49, 10)).toEqual([idOf(12), idOf(11)])
    expect(await findUsersToErase(reader(), 50, 2)).toEqual([idOf(12), idOf(11)])
    await transaction((trx) =>
      changeStatus(trx, idOf(12), { from: ['disabled'], to: 'active', reason: null }),
    )
    expect(await findUsersToErase(reader(), 50, 10)).toEqual([idOf(11), idOf(10)])
    const remove = () => transaction((trx) => deleteUser(trx, idOf(11)))
    expect([await remove(), await remove()]).toEqual([true, false])
  })
})

const idOf = (at: number) => `01980000-0000-7000-8000-${String(at).padStart(12, '0')}`

/** Three of them share each instant of creation. */
function rowOf(at: number, name: string): UserRow {
  return {
    id: idOf(at),
    realm: defaultRealm,
    email: `Person${at}@example.com`,
    email_canonical: `person${at}@example.com`,
    username: `Nick-${at}`,
    username_canonical: `nick-${at}`,
    display_name: name,
    company_name: null,
    status: 'active',
    status_reason: null,
    locked_until: null,
    metadata: '{}',
    created_at: Math.floor(at / 3),
    created_by: null,
    verified_at: 1,
    last_sign_in_at: null,
    last_sign_in_ip: null,
    last_failure_at: null,
    credentials_version: 0,
    erase_at: null,
    totp_since: null,
    passkeys: 0,
    mfa_due_at: null,
  }
}
