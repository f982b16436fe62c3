import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { Companies } from './companies.ts'
import { retailSecurity } from './holdfast.ts'
import { importFiles } from './import.ts'
import { RetailStore } from './store.ts'
import { DATA, scratchDirectory } from './testdata/scratch.ts'
import { upgradeAssignments } from './upgrade.ts'

/** A data directory of before companies were organisations, with these people in it. */
async function oldDirectory() {
  const dataDir = await scratchDirectory()
  const security = retailSecurity({ dataDir, port: 3000 }, { logLevel: 'error' })
  await security.ready()
  onTestFinished(() => security.close())
  const path = join(dataDir, 'retail.db')
  const first = new RetailStore(path)
  await importFiles({ store: first, directory: DATA, now: Date.now })
  first.close()
  const old = new DatabaseSync(path)
  onTestFinished(() => old.close())
  old.exec(`DROP VIEW holdings; DROP TABLE company_organisations; DROP TABLE member_stores;
    PRAGMA user_version = 1`)
  const assign = async (
    name: string,
    roles: readonly string[],
    place: readonly [string, string?],
  ) => {
    const email = `${name}@example.com`
    const { id } = await security.users.create({ email, password: crypto.randomUUID(), roles })
    const [company, shop = null] = place
    old
      .prepare("INSERT INTO assignments VALUES (?, ?, ?, ?, 'admin', 0)")
      .run(id, email, company, shop)
    return id
  }
  const start = async () => {
    const store = new RetailStore(path)
    onTestFinished(() => store.close())
    const companies = new Companies(security, store)
    await companies.makeAll()
    await upgradeAssignments({ security, companies, store })
    return { store, companies }
  }
  return { security, assign, start }
}

test('assignments of before become memberships, once', async () => {
  const { assign, security, start } = await oldDirectory()
  const boss = await assign('boss', ['user', 'admin'], ['harbour'])
  const mona = await assign('mona', ['user', 'manager'], ['nordlicht'])
  const ed = await assign('ed', ['user', 'employee'], ['nordlicht', 'HAM'])
  const idle = await assign('idle', ['user'], ['harbour', 'DUB'])
  const gone = await assign('gone', ['user', 'manager'], ['harbour'])
  await security.users.erase(gone, { reason: 'left' })
  const { companies, store } = await start()
  const place = async (id: string) => [
    (await security.users.find(id))?.roles,
    await companies.membershipsOf(id),
  ]
  const at = (companyId: string, roles: readonly string[], storeId: string | null = null) => [
    ['user'],
    [{ companyId, roles, storeId }],
  ]
  expect(await place(boss)).toEqual(at('harbour', ['admin']))
  expect(await place(mona)).toEqual(at('nordlicht', ['manager']))
  expect(await place(ed)).toEqual(at('nordlicht', ['employee'], 'HAM'))
  expect(await place(idle)).toEqual(at('harbour', [], 'DUB'))
  expect(store.oldAssignments()).toEqual([])

  await security.organisations.removeMember('nordlicht', mona)
  await start()
  expect(await place(mona)).toEqual([['user'], []])
})

test('a start that died half-way is taken up, and loses nobody', async () => {
  const { assign, security, start } = await oldDirectory()
  const ed = await assign('ed', ['user', 'employee'], ['nordlicht', 'HAM'])
  const { id } = await security.organisations.create({
    ...{ name: 'Nordlicht', slug: 'nordlicht', metadata: { company: 'nordlicht' } },
  })
  await security.organisations.addMember(id, { userId: ed, roles: [] })
  const { companies } = await start()
  expect(await companies.membershipsOf(ed)).toEqual([
    { companyId: 'nordlicht', roles: ['employee'], storeId: 'HAM' },
  ])
  expect((await security.users.find(ed))?.roles).toEqual(['user'])
})

test('the assignment of a disabled account waits', async () => {
  const { assign, security, start } = await oldDirectory()
  const ed = await assign('ed', ['user', 'employee'], ['nordlicht', 'HAM'])
  await security.users.disable(ed, { reason: 'away' })
  const first = await start()
  expect(await first.companies.membershipsOf(ed)).toEqual([])
  await security.users.enable(ed, { reason: 'back' })
  const second = await start()
  expect(await second.companies.membershipsOf(ed)).toHaveLength(1)
})
