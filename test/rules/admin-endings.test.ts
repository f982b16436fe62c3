import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { By } from '../../src/admin/by.ts'
import { Links } from '../../src/recovery/index.ts'
import { goodPassword, openSite, type Site } from './identity-kit.ts'
import { as, newPassword, type RecoveryKit, recoveryKit, type SignedIn } from './recovery-kit.ts'

let site: Site
let kit: RecoveryKit
beforeAll(async () => {
  site = await openSite({ captcha: { provider: 'none' } })
  kit = recoveryKit(site)
})
afterAll(() => site.close())

const users = () => site.security.users
const by: By = { reason: 'somebody else was here' }

/** Purposes of an account's links that nobody used or ended, but for those of notices. */
async function openLinks({ id }: SignedIn): Promise<readonly string[]> {
  const rows = await site.security.parts.ground.database.reader
    .selectFrom('hf_links')
    .select('purpose')
    .where('user_id', '=', id)
    .where('purpose', 'in', ['reset', 'secure', 'change_email', 'invitation'])
    .where('used_at', 'is', null)
    .execute()
  return rows.map(({ purpose }) => purpose).sort()
}

async function knownDevices({ id }: SignedIn): Promise<number> {
  return (await site.security.parts.ground.devices.list(id)).length
}

/** An account in which an intruder with the password left all that can be left waiting. */
async function intruded(name: string) {
  const victim = await kit.someone(name)
  await site.deliverMail()
  const thief = `thief-of-${name}@evil.example`
  const change = { email: thief, currentPassword: goodPassword }
  expect((await site.post('/auth/email/change', change, as(victim))).status).toBe(202)
  const confirmation = await kit.link(thief)
  const reset = await kit.forgot(victim.email)
  const { database } = site.security.parts.ground
  const { clock, random } = site.security.config
  const links = new Links({ database, clock, random })
  await database.transaction((trx) =>
    links.issue(trx, {
      ...{ purpose: 'secure', userId: victim.id, email: victim.email, lifeMs: 60_000 },
    }),
  )
  expect(await openLinks(victim)).toEqual(['change_email', 'reset', 'secure'])
  expect(await knownDevices(victim)).toBe(1)
  return { victim, thief, confirmation, reset }
}

interface Act {
  readonly run: (id: string) => Promise<unknown>
  /** Purposes of the links that are there afterwards, made by the act itself. */
  readonly left: readonly string[]
  readonly devices: number
}

const acts: Readonly<Record<string, Act>> = {
  'a forced reset': {
    ...{ run: (id) => users().forceReset(id, by), left: ['reset'], devices: 0 },
  },
  'a password by an administrator': {
    ...{ run: (id) => users().setPassword(id, newPassword, by), left: [], devices: 0 },
  },
  'the end of all sessions': {
    ...{ run: (id) => users().endSessions(id, by), left: [], devices: 1 },
  },
  'a lock': { run: (id) => users().lock(id, {}, by), left: [], devices: 1 },
  'a disabling': { run: (id) => users().disable(id, by), left: [], devices: 1 },
}

describe('what an intruder left waiting ends with', () => {
  it.each(Object.entries(acts))('%s', async (title, { devices, left, run }) => {
    const name = title.replaceAll(' ', '-')
    const { confirmation, reset, thief, victim } = await intruded(name)
    await run(victim.id)
    expect(await openLinks(victim)).toEqual(left)
    expect(await knownDevices(victim)).toBe(devices)
    if (title !== 'a disabling') await users().unlock(victim.id, by)
    await users().enable(victim.id, by)
    const { json } = await site.post('/auth/email/confirm', { token: confirmation })
    expect(json.code).toBe('link_invalid')
    expect((await kit.reset(reset)).json.code).toBe('link_invalid')
    expect(await users().find(thief)).toBeUndefined()
    expect(await users().find(victim.id)).toMatchObject({ email: victim.email })
  })

  it('a forced reset of every API key, and of none of anybody else', async () => {
    const [victim, other] = [await kit.someone('keyed'), await kit.someone('unkeyed')]
    const { apiKeys } = site.security
    const make = ({ id }: SignedIn) =>
      apiKeys.create({ kind: 'user', id }, { name: 'x', scopes: ['read:own'] })
    const made = [await make(victim), await make(other)]
    const status = async () =>
      Promise.all(made.map(async ({ apiKey }) => (await apiKeys.get(apiKey.id)).status))
    expect(await status()).toEqual(['active', 'active'])
    await site.security.users.forceReset(victim.id, by)
    expect(await status()).toEqual(['revoked', 'active'])
  })

  it('a forced reset, whose own link works', async () => {
    const { victim } = await intruded('wayback')
    await site.security.users.forceReset(victim.id, by)
    expect((await kit.reset(await kit.link(victim.email))).status).toBe(200)
    await kit.signIn(victim.email, newPassword)
  })

  it('none of them is an invitation', async () => {
    const { users } = site.security
    const invited = await users.invite({ email: 'invited@example.com' })
    const token = await kit.link('invited@example.com')
    await users.endSessions(invited.id, by)
    await users.setPassword(invited.id, newPassword, by)
    expect((await kit.reset(token)).status).toBe(200)
  })
})

describe('an account that its owner closed', () => {
  async function closed(name: string) {
    const owner = await kit.someone(name)
    await site.deliverMail()
    const change = { currentPassword: goodPassword, password: newPassword }
    expect((await site.post('/auth/password/change', change, as(owner))).status).toBe(200)
    const notice = await kit.link(owner.email)
    const close = { currentPassword: newPassword }
    expect((await site.post('/auth/account/close', close, as(owner))).status).toBe(200)
    await site.deliverMail()
    return { owner, notice }
  }

  it('is disabled like any other: with the reason given, recorded, and erased by nobody', async () => {
    const { users } = site.security
    const { notice, owner } = await closed('fraud')
    expect((await users.find(owner.id))?.eraseAt).toBeGreaterThan(0)
    await users.disable(owner.id, { reason: 'fraud' })
    const shown = { status: 'disabled', statusReason: 'fraud', eraseAt: null }
    expect(await users.find(owner.id)).toMatchObject(shown)
    const records = await kit.records('user.disabled')
    expect(records.filter((row) => row.resource_id === owner.id)).toMatchObject([
      { reason: 'fraud' },
    ])
    expect((await site.post('/auth/report', { token: notice })).json.code).toBe('link_invalid')
    expect(await users.find(owner.id)).toMatchObject(shown)
    await users.disable(owner.id, { reason: 'another word' })
    expect(await users.find(owner.id)).toMatchObject(shown)
  })

  it('is opened by its notice when nobody disabled it', async () => {
    const { notice, owner } = await closed('regretful')
    expect((await site.post('/auth/report', { token: notice })).status).toBe(200)
    expect(await site.security.users.find(owner.id)).toMatchObject({ status: 'locked' })
  })
})
