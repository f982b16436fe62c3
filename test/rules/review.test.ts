import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { goodPassword, type ServedApp, serveApp } from '../served-app.ts'

/** What a security review of the first release found; each was shown to work before it was mended. */

const attackers = 'purple elephants juggle seven quiet lanterns'
const owners = 'nine copper kettles whistle under the bridge'

let app: ServedApp
beforeAll(async () => {
  app = await serveApp({
    limits: { mailAddress: { points: 3 } },
    access: {
      roles: {
        helper: {
          permissions: ['read:*', 'read:security:roles', 'write:security:roles'],
          deny: [],
        },
        nopay: { permissions: [], deny: ['delete:payroll'] },
      },
    },
  })
})
afterAll(() => app.stop())

const register = (email: string, password: string) =>
  app.request('POST', '/auth/register', { body: { email, password } })
const login = (email: string, password: string) =>
  app.request('POST', '/auth/login', { body: { email, password, transport: 'body' } })
const verify = (body: object) => app.request('POST', '/auth/verify-email', { body })

async function latestToken(email: string): Promise<string> {
  await app.deliverMail()
  return app.mailbox.latestToken(email)
}

describe('rule 6: an address registered beforehand by an attacker', () => {
  test('whose mails used up the share of the owner: the link decides on no password', async () => {
    const email = 'held-back@example.com'
    for (let turn = 0; turn < 3; turn++) await register(email, attackers)
    await register(email, owners)
    const token = await latestToken(email)
    expect((await verify({ token })).json.code).toBe('password_required')
    expect((await verify({ token, password: owners })).status).toBe(200)
    expect((await login(email, attackers)).status).toBe(401)
    expect((await login(email, owners)).json.status).toBe('signed_in')
  })

  test('after the link of the owner ran out: the link she asks for is not his', async () => {
    const email = 'ran-out@example.com'
    await register(email, owners)
    await app.advance(25 * 60 * 60_000)
    await register(email, attackers)
    const his = await latestToken(email)
    await app.request('POST', '/auth/verify-email/resend', { body: { email } })
    const token = await latestToken(email)
    expect(token).not.toBe(his)
    expect((await verify({ token })).json.code).toBe('password_required')
    expect((await verify({ token, password: owners })).status).toBe(200)
    expect((await login(email, attackers)).status).toBe(401)
  })

  test('alone, a resent link keeps its password', async () => {
    const email = 'alone@example.com'
    await register(email, owners)
    await app.deliverMail()
    await app.request('POST', '/auth/verify-email/resend', { body: { email } })
    expect((await verify({ token: await latestToken(email) })).status).toBe(200)
    expect((await login(email, owners)).json.status).toBe('signed_in')
  })
})

describe('rule 8: registering and signing in with the same password', () => {
  test('says the same for an address with an account and for one without', async () => {
    await app.person('known@example.com')
    const answers = []
    for (const email of ['known@example.com', 'unknown@example.com']) {
      expect((await register(email, attackers)).status).toBe(202)
      answers.push(await login(email, attackers))
    }
    expect(answers.map(({ json, status }) => ({ json, status }))).toEqual([
      { status: 200, json: { status: 'verification_required' } },
      { status: 200, json: { status: 'verification_required' } },
    ])
  })

  test('and the owner signs in all the same, also with the password that was registered again', async () => {
    await app.person('twice@example.com')
    await register('twice@example.com', goodPassword)
    await register('twice@example.com', attackers)
    expect((await login('twice@example.com', goodPassword)).json.status).toBe('signed_in')
  })
})

describe('rule 10: by.giver binds every method that takes it', () => {
  let givers = 0
  const giver = async (role: string) => {
    givers += 1
    const userId = await app.person(`giver${givers}@example.com`, [role])
    return { userId, roles: [role] }
  }

  test('create gives nothing that the giver lacks, and names the giver', async () => {
    const helper = await giver('helper')
    const { users } = app.security
    const boss = { email: 'boss@example.com', password: goodPassword, roles: ['super_admin'] }
    await expect(users.create(boss, { giver: helper })).rejects.toMatchObject({
      code: 'role_outranks_giver',
    })
    expect(await users.find('boss@example.com')).toBeUndefined()
    const made = await users.create(
      { ...boss, roles: ['guest'] },
      { giver: await giver('super_admin') },
    )
    expect(made.createdBy).not.toBe('code')
  })

  test('disable and enable need to outrank the account', async () => {
    const admin = await app.person('top@example.com', ['super_admin'])
    await app.person('top2@example.com', ['super_admin'])
    const by = { giver: await giver('user') }
    await expect(app.security.users.disable(admin, by)).rejects.toMatchObject({
      code: 'role_outranks_giver',
    })
    await app.security.users.disable(admin)
    await expect(app.security.users.enable(admin, by)).rejects.toMatchObject({
      code: 'role_outranks_giver',
    })
  })

  test('a denial is given and taken only by whoever could do what it denies', async () => {
    const helper = await giver('helper')
    const friend = await app.person('friend@example.com', ['user', 'nopay'])
    const by = { giver: helper }
    await expect(app.security.users.withdrawRole(friend, 'nopay', by)).rejects.toMatchObject({
      code: 'role_outranks_giver',
    })
    await expect(app.security.users.grantRole(friend, 'nopay', by)).rejects.toMatchObject({
      code: 'role_outranks_giver',
    })
  })

  test('no denial disarms a super administrator', async () => {
    const { access } = app.security
    expect(access.permissionsOf(['super_admin', 'nopay']).has('delete:payroll')).toBe(true)
    expect(access.permissionsOf(['admin', 'nopay']).has('delete:payroll')).toBe(false)
  })
})

test('an address that a stranger registered and never confirmed does not block an administrator', async () => {
  await register('ceo@example.com', attackers)
  const link = await latestToken('ceo@example.com')
  const made = await app.security.users.create({ email: 'ceo@example.com', password: owners })
  expect(made.status).toBe('active')
  expect((await verify({ token: link })).json.code).toBe('link_invalid')
  expect((await login('ceo@example.com', owners)).json.status).toBe('signed_in')
  expect((await login('ceo@example.com', attackers)).status).toBe(401)
})

test('a sign-in from another site is refused also with credentials of another kind', async () => {
  await app.person('cross@example.com')
  const reply = await app.request('POST', '/auth/login', {
    body: { email: 'cross@example.com', password: goodPassword },
    headers: {
      'sec-fetch-site': 'cross-site',
      origin: 'https://evil.example',
      authorization: 'Basic dTpw',
    },
  })
  expect(reply).toMatchObject({ status: 403, json: { code: 'csrf_refused' } })
})

test('a password that an administrator sets replaces the old one and ends every session', async () => {
  await app.person('forgot@example.com')
  const { accessToken } = await app.signIn('forgot@example.com')
  await app.security.users.setPassword('forgot@example.com', owners, { reason: 'forgotten' })
  const me = await app.request('GET', '/auth/me', { token: accessToken })
  expect(me.json.code).toBe('session_revoked')
  expect((await login('forgot@example.com', goodPassword)).status).toBe(401)
  expect((await login('forgot@example.com', owners)).json.status).toBe('signed_in')
})
