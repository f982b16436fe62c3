import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AdminKit, adminKit, erase, verdict } from './admin-kit.ts'
import { from, goodPassword, openSite, type Person, type Site } from './identity-kit.ts'

const day = 24 * 60 * 60 * 1000

let site: Site
let kit: AdminKit
let admin: Person

beforeAll(async () => {
  site = await openSite({ captcha: { provider: 'none' } })
  kit = adminKit(site)
  await kit.someone('root', ['super_admin'])
  admin = await kit.someone('admin', ['admin', 'user'])
})
afterAll(() => site.close())

/** Somebody who left traces everywhere: registered, signed in, guessed at, mailed, changed, reported. */
async function tracedPerson(name: string) {
  const email = `${name}@example.com`
  const names = {
    username: `${name}_nick`,
    displayName: `${name} Display`,
    companyName: `${name} Ltd`,
  }
  const person = await site.signUp(email, names)
  await site.post('/auth/register', { email, password: goodPassword })
  const browser = { identifier: email, password: goodPassword }
  await site.post('/auth/login', browser, from('192.0.2.8'))
  await site.login(names.username, 'wrong once more')
  await site.post('/auth/password/forgot', { email })
  const change = { email: `new-${email}`, currentPassword: goodPassword }
  await site.post('/auth/email/change', change, { ...person.bearer })
  await kit.post(admin, `/admin/users/${person.id}/roles`, { role: 'manager' })
  await site.deliverMail()
  await site.security.users.lock(person.id, {}, { reason: 'asked for it' })
  await site.security.users.unlock(person.id)
  await site.post('/auth/password/forgot', { email })
  for (let guess = 0; guess < 12; guess++) await site.login(email, `wrong ${guess} guess`)
  return { ...person, email }
}

it('of an erased account nothing is left but its id in the records', async () => {
  const before = Object.keys(site.dump())
  const zelda = await tracedPerson('zeldaquux')
  const hangs = tablesThatName(zelda.id)
  for (const table of ['hf_users', 'hf_sessions', 'hf_passwords', 'hf_grants', 'hf_links']) {
    expect(hangs, table).toContain(table)
  }
  expect(hangs).toContain('hf_devices')
  expect(hangs).toContain('hf_guesses')
  expect(JSON.stringify(site.dump())).toMatch(/zeldaquux/i)

  expect(await verdict(kit.act(admin, erase, zelda.id))).toBe('204')

  expect(JSON.stringify(site.dump())).not.toMatch(/zeldaquux/i)
  expect(tablesThatName(zelda.id).sort()).toEqual(['hf_audit', 'hf_revocations'])
  expect(await kit.record('user.erased', zelda.id)).toMatchObject({ actor_id: admin.id })
  expect(before).toEqual(Object.keys(site.dump()))
})

it('its sessions and links are dead at once, and its password opens nothing', async () => {
  const email = 'adaquux@example.com'
  const ada = await kit.someone('adaquux')
  await site.post('/auth/password/forgot', { email })
  const fresh = await site.login(email, goodPassword)
  const bearer = { authorization: `Bearer ${fresh.json.accessToken}` }
  expect((await site.get('/auth/me', bearer)).status).toBe(200)
  await site.deliverMail()
  const token = site.mailbox.latestToken(email)
  await kit.act(admin, erase, ada.id)
  expect((await site.get('/auth/me', bearer)).status).toBe(401)
  const { refreshToken } = fresh.json
  expect((await site.post('/auth/refresh', { refreshToken })).status).toBe(401)
  expect((await site.login(email, goodPassword)).json.code).toBe('invalid_credentials')
  const reset = await site.post('/auth/password/reset', { token, password: goodPassword })
  expect(reset.json.code).toBe('link_invalid')
  expect(await verdict(kit.act(admin, erase, ada.id))).toBe('404 account_not_found')
})

it('mails that wait for it are withdrawn; those of others leave', async () => {
  const [ada, bob] = [await kit.someone('adawaits'), await kit.someone('bobwaits')]
  for (const name of ['adawaits', 'bobwaits']) {
    await site.post('/auth/password/forgot', { email: `${name}@example.com` })
  }
  await kit.act(admin, erase, ada.id)
  await site.deliverMail()
  expect(site.mailbox.list('adawaits@example.com')).toEqual([])
  expect(site.mailbox.list('bobwaits@example.com').length).toBeGreaterThan(0)
  expect(await kit.isAlive(bob)).toBe(true)
})

it('so are those to an address that it wanted, unless that is somebody else by now', async () => {
  const [ada, eve] = [await kit.someone('adachanges'), await kit.someone('evechanges')]
  const want = (who: Person, email: string) =>
    site.post('/auth/email/change', { email, currentPassword: goodPassword }, { ...who.bearer })
  await want(ada, 'ada-private@example.net')
  await want(eve, 'dan-wants@example.com')
  await kit.someone('dan-wants')
  await site.post('/auth/password/forgot', { email: 'dan-wants@example.com' })
  await kit.act(admin, erase, ada.id)
  await kit.act(admin, erase, eve.id)
  await site.deliverMail()
  expect(site.mailbox.list('ada-private@example.net')).toEqual([])
  const subjects = site.mailbox.list('dan-wants@example.com').map(({ subject }) => subject)
  expect(subjects.some((subject) => /password/i.test(subject))).toBe(true)
})

it('its address is free again, for an account that has nothing of the old one', async () => {
  const old = await kit.someone('phoenix', ['manager'])
  await kit.act(admin, erase, old.id)
  const young = await site.signUp('phoenix@example.com')
  expect(young.id).not.toBe(old.id)
  expect((await site.security.users.find(young.id))?.roles).toEqual(['user'])
})

it('listeners hear of it with its id', async () => {
  const heard: unknown[] = []
  const end = site.security.on('user.erased', (event) => heard.push(event.payload))
  const ada = await kit.someone('heard')
  await kit.act(admin, erase, ada.id)
  end()
  expect(heard).toEqual([{ userId: ada.id }])
})

it('the last super administrator is not erased, locked or disabled, not even by code', async () => {
  const { users } = site.security
  const last = { code: 'last_super_admin' }
  await expect(users.erase('root@example.com')).rejects.toMatchObject(last)
  await expect(users.disable('root@example.com')).rejects.toMatchObject(last)
  for (const until of [undefined, site.clock.now() + day]) {
    await expect(users.lock('root@example.com', { until })).rejects.toMatchObject(last)
  }
  expect(await users.find('root@example.com')).toMatchObject({ status: 'active' })
  await kit.someone('second', ['super_admin'])
  await users.erase('root@example.com')
  await expect(users.erase('second@example.com')).rejects.toMatchObject({
    code: 'last_super_admin',
  })
})

it('what an owner closed is erased when its time has come, if nobody opened it', async () => {
  const own = await openSite({ captcha: { provider: 'none' } })
  const ownKit = adminKit(own)
  const [ada, bob] = [await ownKit.someone('ada'), await ownKit.someone('bob')]
  for (const who of [ada, bob]) {
    const close = { currentPassword: goodPassword }
    expect((await own.post('/auth/account/close', close, { ...who.bearer })).status).toBe(200)
  }
  const due = own.clock.now() + own.security.config.closedAccounts.eraseAfterMs
  expect(await own.security.users.find(ada.id)).toMatchObject({ eraseAt: due })
  await own.security.users.enable(bob.id, { reason: 'asked for it' })
  own.clock.jump(due - own.clock.now() - 1)
  await own.security.users.eraseClosed()
  expect(await own.security.users.find(ada.id)).toMatchObject({ status: 'disabled' })
  own.clock.jump(1)
  await own.security.users.eraseClosed()
  expect(await own.security.users.find(ada.id)).toBeUndefined()
  expect(await ownKit.record('user.erased', ada.id)).toMatchObject({
    ...{ actor_kind: 'system', reason: 'closed_by_owner' },
  })
  own.clock.jump(400 * day)
  await own.security.users.eraseClosed()
  expect(await own.security.users.find(bob.id)).toMatchObject({ status: 'active', eraseAt: null })
  await own.close()
})

function tablesThatName(id: string): string[] {
  return Object.entries(site.dump()).flatMap(([table, rows]) =>
    rows.some((row) => row.includes(id)) ? [table] : [],
  )
}
