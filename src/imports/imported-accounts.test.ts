import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appCode } from '../../test/factors/app.ts'
import { bcrypt, driver, fixtures, good, person } from '../../test/imports/driver.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'
import { defaultRealm, findUserByEmail } from '../users/index.ts'

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
    const user = await findUserByEmail(on.database.reader, {
      realm: defaultRealm,
      canonical: 'eve@example.com',
    })
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
    const user = await findUserByEmail(on.database.reader, {
      realm: defaultRealm,
      canonical: 'oauth@example.com',
    })
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

  it('with unreadable API keys or an unreadable second factor is not opened with the password alone', async () => {
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
        [2, 'field_invalid'],
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
