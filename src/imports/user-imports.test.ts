import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appCode } from '../../test/factors/app.ts'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { findPassword } from '../passwords/index.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'
import { findUserByEmail } from '../users/index.ts'
import type { ImportRefusal } from './refusal.ts'
import type { ImportOptions } from './user-imports.ts'

const vectors = new URL('../../test/vectors/foreign-hashes/', import.meta.url)
const fixtures: { by: string; password: string; hash: string }[] = [
  ...['python.json', 'php.json', 'better-auth.json'].flatMap((name) =>
    JSON.parse(readFileSync(new URL(name, vectors), 'utf8')),
  ),
  ...readFileSync(new URL('htpasswd.txt', vectors), 'utf8')
    .trim()
    .split('\n')
    .map((line) => ({
      by: 'htpasswd',
      password: 'Gruesse aus Koeln, 17',
      hash: line.replace(/^\w+:/, ''),
    })),
]
const bcrypt = fixtures.find(({ by }) => by.includes('bcrypt 2b')) as (typeof fixtures)[0]

const linesOf = (lines: readonly object[]) => [
  Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
]
const person = (name: string, more: object = {}) => ({
  ...{ email: `${name}@example.com`, emailVerified: true },
  ...more,
})

function driver(kit: TestSecurity) {
  const { security } = kit
  const { database } = security.parts.ground
  return {
    run: async (lines: readonly object[], options: ImportOptions = {}) => {
      const refusals: ImportRefusal[] = []
      const onRefused = (one: ImportRefusal) => void refusals.push(one)
      const sum = await security.imports.run(linesOf(lines), { onRefused, ...options })
      return { ...sum, refusals: refusals.map(({ code, line }) => [line, code]) }
    },
    signIn: async (identifier: string, password: string) =>
      (
        await security.signIn.withPassword({
          ...{ identifier, password, transport: 'body', devices: [] },
          ...{ clientKey: 'test', origin: {} },
        })
      ).status,
    hashOf: async (email: string) => {
      const user = await findUserByEmail(database.reader, email)
      return (await findPassword(database.reader, user?.id ?? ''))?.hash
    },
    audit: (action: string) => security.parts.ground.audit.find({ action, limit: 500 }),
    database,
  }
}

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
    const user = await findUserByEmail(on.database.reader, 'all@example.com')
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
    const user = await findUserByEmail(on.database.reader, 'again1@example.com')
    await on.database.transaction((trx) =>
      trx
        .deleteFrom('hf_users')
        .where('id', '=', user?.id ?? '')
        .execute(),
    )
    expect(await on.run(lines)).toEqual({ imported: 0, known: 2, refused: 0, refusals: [] })
    expect(await findUserByEmail(on.database.reader, 'again1@example.com')).toBeUndefined()
  })

  it('is no way for a user to give roles', async () => {
    const lines = [person('risen', { roles: ['super_admin'] })]
    const actor = { kind: 'user', id: 'somebody' } as const
    await expect(on.run(lines, { actor })).rejects.toThrow(TypeError)
    expect(await findUserByEmail(on.database.reader, 'risen@example.com')).toBeUndefined()
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

const good = 'correct horse battery staple 42'

describe('an imported account', () => {
  let kit: TestSecurity
  let on: ReturnType<typeof driver>
  beforeEach(async () => {
    kit = await createTestSecurity()
    on = driver(kit)
  })
  afterEach(() => kit.close())

  it('signs in with the password of the old system alone and has a hash of today after it', {
    timeout: 120_000,
  }, async () => {
    await on.run(fixtures.map(({ hash }, at) => person(`p${at}`, { passwordHash: hash })))
    for (const [at, { by, hash, password }] of fixtures.entries()) {
      const email = `p${at}@example.com`
      expect([by, await on.signIn(email, `${password.slice(1)}`)]).toEqual([by, 'denied'])
      expect(await on.hashOf(email)).toBe(hash)
      expect([by, await on.signIn(email, password)]).toEqual([by, 'signed_in'])
      const isCut = by.includes('over 72 bytes')
      if (isCut) expect(await on.hashOf(email)).toBe(hash)
      else expect(await on.hashOf(email)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
      expect([by, await on.signIn(email, password)]).toEqual([by, 'signed_in'])
    }
  })

  it('whose address nobody confirmed opens nothing until its owner used a link she asked for', async () => {
    const line = { email: 'Eve@example.com', emailVerified: false, username: 'eve' }
    const more = { passwordHash: bcrypt.hash, metadata: { plan: 'gold' }, displayName: 'Eve' }
    expect(await on.run([{ ...line, ...more }])).toMatchObject({ imported: 1 })
    expect(await on.signIn('eve@example.com', bcrypt.password)).toBe('denied')
    expect(kit.mailbox.list()).toEqual([])
    const waiting = await on.database.reader.selectFrom('hf_registrations').selectAll().execute()
    const days = 24 * 60 * 60 * 1000
    expect(waiting[0]?.expires_at).toBeGreaterThan(kit.clock.now() + 360 * days)
    await kit.security.signUp.resend('eve@example.com', {}, 'client')
    const token = await mailedToken(kit, 'Eve@example.com')
    expect(await kit.security.parts.rooms.verification.inspect(token)).toEqual({
      ...{ usable: true, needsPassword: false, needsUsername: false },
    })
    await kit.security.parts.rooms.verification.verify({ token, origin: {} })
    expect(await on.signIn('eve', bcrypt.password)).toBe('signed_in')
    expect(await on.hashOf('eve@example.com')).toMatch(/^\$argon2id\$/)
    const user = await findUserByEmail(on.database.reader, 'eve@example.com')
    expect(user).toMatchObject({ metadata: '{"plan":"gold"}', display_name: 'Eve' })
    expect(await kit.security.users.find('eve')).toMatchObject({ roles: ['user'] })
  })

  it('without a password and a confirmed address sets one with the link, and keeps its names', async () => {
    await on.run([person('oauth', { emailVerified: false, displayName: 'O', metadata: { a: 1 } })])
    await kit.security.signUp.resend('oauth@example.com', {}, 'client')
    const token = await mailedToken(kit, 'oauth@example.com')
    const { verification } = kit.security.parts.rooms
    expect(await verification.inspect(token)).toMatchObject({ needsPassword: true })
    await verification.verify({ token, password: good, origin: {} })
    expect(await on.signIn('oauth@example.com', good)).toBe('signed_in')
    const user = await findUserByEmail(on.database.reader, 'oauth@example.com')
    expect(user).toMatchObject({ metadata: '{"a":1}', display_name: 'O' })
  })

  it('without a password sets one with the link of a forgotten password', async () => {
    await on.run([person('google', { displayName: 'G' })])
    expect(await on.signIn('google@example.com', good)).toBe('denied')
    const { recovery } = kit.security.parts.rooms
    await recovery.forgot('google@example.com', {}, 'client')
    const token = await mailedToken(kit, 'google@example.com')
    await recovery.reset({ token, password: good, origin: {} })
    expect(await on.signIn('google@example.com', good)).toBe('signed_in')
  })

  it('that was disabled stays so, and is what it was when it is opened', async () => {
    const lines = [
      person('off', { disabled: true, passwordHash: bcrypt.hash }),
      person('off2', { disabled: true, emailVerified: false, passwordHash: bcrypt.hash }),
    ]
    await on.run(lines)
    expect(await on.signIn('off@example.com', bcrypt.password)).toBe('denied')
    await kit.security.users.enable('off@example.com')
    expect(await on.signIn('off@example.com', bcrypt.password)).toBe('signed_in')
    expect(await kit.security.users.find('off2@example.com')).toMatchObject({ status: 'disabled' })
    await kit.security.users.enable('off2@example.com')
    expect(await kit.security.users.find('off2@example.com')).toMatchObject({ status: 'pending' })
  })

  it('with an authenticator app is asked for its codes, by the app that its owner has', async () => {
    const totpSecret = 'JBSWY3DPEHPK3PXP'
    await on.run([person('totp', { passwordHash: bcrypt.hash, totpSecret })])
    expect(await on.signIn('totp@example.com', bcrypt.password)).toBe('mfa_required')
    const { factors } = kit.security.parts.rooms
    const user = await kit.security.users.find('totp@example.com')
    const userId = String(user?.id)
    const code = appCode(totpSecret, kit.clock.now())
    const spend = () =>
      on.database.transaction((trx) => factors.spend(trx, { userId, method: 'totp', code }))
    expect(await spend()).toBe('otp')
    expect(await spend()).toBeUndefined()
    const rows = await on.database.reader.selectFrom('hf_totp').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(totpSecret)
  })

  it('with API keys or an unreadable second factor is not opened with the password alone', async () => {
    const lines = [
      person('totp', { passwordHash: bcrypt.hash, totpSecret: 'sealed' }),
      person('keys', { passwordHash: bcrypt.hash, apiKeys: [{ sha256: 'ab' }] }),
      person('new', {
        ...{ emailVerified: false, passwordHash: bcrypt.hash },
        totpSecret: 'JBSWY3DPEHPK3PXP',
      }),
    ]
    expect(await on.run(lines)).toMatchObject({
      imported: 0,
      refusals: [
        [1, 'field_invalid'],
        [2, 'factor_not_supported'],
        [3, 'factor_needs_verified_email'],
      ],
    })
    expect(await on.signIn('totp@example.com', bcrypt.password)).toBe('denied')
    expect(await kit.security.users.list()).toEqual([])
  })

  it('leaves nothing of its line in the memory of imported lines', async () => {
    await on.run([person('ada', { passwordHash: bcrypt.hash })])
    const rows = await on.database.reader.selectFrom('hf_imported_lines').selectAll().execute()
    const other = await createTestSecurity()
    await driver(other).run([person('ada', { passwordHash: bcrypt.hash })])
    const theirs = await other.security.parts.ground.database.reader
      .selectFrom('hf_imported_lines')
      .selectAll()
      .execute()
    await other.close()
    expect(rows).toHaveLength(1)
    expect(theirs[0]?.line_hash).not.toBe(rows[0]?.line_hash)
  })
})

async function mailedToken(kit: TestSecurity, to: string): Promise<string> {
  await kit.deliverMail()
  return kit.mailbox.latestToken(to)
}
