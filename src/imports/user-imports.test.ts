import { afterAll, beforeAll, expect, it } from 'vitest'
import { bcrypt, driver, good, person } from '../../test/imports/driver.ts'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'
import { defaultRealm, findUserByEmail } from '../users/index.ts'

describeEngines('an import', (engine) => {
  let fresh: FreshDatabase
  let kit: TestSecurity
  let on: ReturnType<typeof driver>
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    kit = await createTestSecurity({ database: fresh.url })
    on = driver(kit)
  })
  afterAll(async () => {
    await kit?.close()
    await fresh?.drop()
  })

  it('makes accounts with their roles, names, metadata and records, at once or not at all', async () => {
    const line = person('all', {
      ...{ username: 'All', displayName: 'O’Brien', companyName: 'A & B', createdAt: 1e12 },
      ...{ roles: ['manager', 'user'], metadata: { plan: 'gold' }, id: 'x1' },
    })
    const by = { actor: { kind: 'operator', id: 'root' }, reason: 'moving' } as const
    expect(await on.run([line], { ...by, keepIdAs: 'oldId' })).toMatchObject({ imported: 1 })
    expect(await kit.security.users.find('all')).toMatchObject({
      ...{ email: 'all@example.com', username: 'All', displayName: 'O’Brien' },
      ...{ companyName: 'A & B', createdAt: 1e12, createdBy: 'root', status: 'active' },
      roles: ['manager', 'user'],
    })
    const user = await findUserByEmail(on.database.reader, {
      realm: defaultRealm,
      canonical: 'all@example.com',
    })
    expect(user?.metadata).toBe('{"plan":"gold","oldId":"x1"}')
    expect(await on.audit('user.imported')).toMatchObject([
      { actor_kind: 'operator', actor_id: 'root', resource_id: user?.id, reason: 'moving' },
    ])
    const granted = await on.audit('role.granted')
    expect(granted.filter((row) => row.resource_id === user?.id)).toHaveLength(2)
  })

  it('given again imports nothing twice, also of what was erased or moved meanwhile', async () => {
    const lines = [person('again1'), person('again2', { passwordHash: bcrypt.hash })]
    expect(await on.run(lines)).toEqual({ imported: 2, known: 0, refused: 0, refusals: [] })
    const user = await findUserByEmail(on.database.reader, {
      realm: defaultRealm,
      canonical: 'again1@example.com',
    })
    await on.database.transaction((trx) =>
      trx
        .deleteFrom('hf_users')
        .where('id', '=', user?.id ?? '')
        .execute(),
    )
    expect(await on.run(lines)).toEqual({ imported: 0, known: 2, refused: 0, refusals: [] })
    expect(
      await findUserByEmail(on.database.reader, {
        realm: defaultRealm,
        canonical: 'again1@example.com',
      }),
    ).toBeUndefined()
  })

  it('is no way for a user to give roles', async () => {
    const lines = [person('risen', { roles: ['super_admin'] })]
    const actor = { kind: 'user', id: 'somebody' } as const
    await expect(on.run(lines, { actor })).rejects.toThrow(TypeError)
    expect(
      await findUserByEmail(on.database.reader, {
        realm: defaultRealm,
        canonical: 'risen@example.com',
      }),
    ).toBeUndefined()
  })

  it('of the same file twice at once imports each line once', async () => {
    const lines = Array.from({ length: 150 }, (_, at) => person(`twice${at}`, { id: at }))
    const [one, other] = await Promise.all([on.run(lines), on.run(lines)])
    expect(one.imported + other.imported).toBe(150)
    expect(one.known + other.known).toBe(150)
    expect([...one.refusals, ...other.refusals]).toEqual([])
  })

  it('refuses an address or a name that is taken, and goes on', async () => {
    await kit.security.users.create({ email: 'old@example.com', username: 'old', password: good })
    const lines = [
      person('old'),
      person('new1', { username: 'OLD' }),
      person('new2'),
      person('new2', { displayName: 'another line' }),
      person('new3', { emailVerified: false, username: 'old' }),
    ]
    const wanted = [
      [1, 'exists'],
      [2, 'exists'],
      [4, 'exists'],
    ]
    expect(await on.run(lines, { dryRun: true })).toMatchObject({
      imported: 1,
      refusals: [...wanted, [5, 'exists']],
    })
    expect(await on.run(lines)).toMatchObject({ imported: 1, refusals: [...wanted, [5, 'exists']] })
  })

  it('takes the place of a registration that nobody confirmed, with nothing of it', async () => {
    const theirs = { email: 'first@example.com', password: good, username: 'squatter' }
    await kit.security.signUp.register(theirs, {}, 'client')
    expect(await on.run([person('first', { passwordHash: bcrypt.hash })])).toMatchObject({
      imported: 1,
    })
    expect(await on.signIn('first@example.com', bcrypt.password)).toBe('signed_in')
    expect(await on.signIn('first@example.com', good)).toBe('denied')
    const left = await on.database.reader.selectFrom('hf_registrations').selectAll().execute()
    expect(left.filter((row) => row.email_canonical === 'first@example.com')).toEqual([])
  })

  it('that is only rehearsed says the same and writes nothing', async () => {
    const count = async () =>
      (await on.database.reader.selectFrom('hf_users').select('id').execute()).length +
      (await on.audit('user.imported')).length
    const before = await count()
    const lines = [
      person('dry'),
      person('dry'),
      person('dry', { id: 1 }),
      person('dry2', { roles: ['x'] }),
    ]
    const sum = { imported: 1, known: 1, refused: 2 }
    const refusals = [
      [3, 'exists'],
      [4, 'role_unknown'],
    ]
    expect(await on.run(lines, { dryRun: true })).toEqual({ ...sum, refusals })
    expect(await count()).toBe(before)
    expect(await on.run(lines)).toEqual({ ...sum, refusals })
  })
})
