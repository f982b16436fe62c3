import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeEngines, freshDatabase } from '../services/fresh-database.ts'
import { type FactorKit, factorKit, type Member, verdictOf } from './factor-kit.ts'
import { cheapHashes } from './guessing-kit.ts'
import { goodPassword, openSite, type Site } from './identity-kit.ts'

const awaiting = 'awaiting_second_administrator'
const refused = '403 second_administrator_dependent'

describeEngines('rule 10: two administrators of whom one made the other are one', (engine) => {
  let site: Site
  let kit: FactorKit
  let drop: () => Promise<void>
  let made = 0
  beforeAll(async () => {
    const fresh = await freshDatabase(engine)
    const mfa = { fourEyes: true } as const
    site = await openSite({ database: fresh.url, captcha: 'none', mfa, stepUp: { within: '24h' } })
    cheapHashes(site)
    kit = factorKit(site)
    drop = fresh.drop
  })
  afterAll(async () => {
    await site?.close()
    await drop?.()
  })

  const someone = (...roles: string[]) => kit.someone(`p${++made}`, roles)
  const target = async () => (await kit.enrol(await someone('user'))).owner
  const reset = (by: Member, who: Member) =>
    kit.call('POST', `/admin/users/${who.id}/factors/reset`, by, { reason: 'lost' })
  const appoint = async (by: Member, who: Member, role = 'admin') => {
    const done = await kit.call('POST', `/admin/users/${who.id}/roles`, by, { role, reason: 'x' })
    expect(done.status).toBeLessThan(300)
    return kit.signIn(who.email)
  }
  const hasFactors = async ({ id: userId }: Member) =>
    (await site.security.factors.overview({ userId })).totp !== null
  const later = () => site.advance(1_000)

  it('an own second account that was appointed since seconds nothing, and the request waits on', async () => {
    const ann = await target()
    const boss = await someone('admin')
    const puppet = await someone('user')
    expect((await reset(boss, ann)).json.status).toBe(awaiting)
    expect(verdictOf(await reset(await appoint(boss, puppet), ann))).toBe(refused)
    expect(await hasFactors(ann)).toBe(true)
    const other = await someone('admin')
    expect(verdictOf(await reset(other, ann))).toBe('200')
    expect(await hasFactors(ann)).toBe(false)
  })

  it('one that was appointed, or made, by the first long before seconds nothing either', async () => {
    const ben = await target()
    const boss = await someone('admin')
    const appointed = await appoint(boss, await someone('user'))
    const email = `made${++made}@example.com`
    const body = { email, password: goodPassword, roles: ['user'] }
    const account = await kit.call('POST', '/admin/users', boss, body)
    expect(account.status).toBe(201)
    await site.security.users.grantRole(account.json.id, 'admin')
    const ofHers = await kit.signIn(email)
    await later()
    expect((await reset(boss, ben)).json.status).toBe(awaiting)
    expect(verdictOf(await reset(appointed, ben))).toBe(refused)
    expect(verdictOf(await reset(ofHers, ben))).toBe(refused)
    expect(await hasFactors(ben)).toBe(true)
  })

  it('nor does it count the other way round: whom I appointed does not ask for me', async () => {
    const cid = await target()
    const boss = await someone('admin')
    const puppet = await appoint(boss, await someone('user'))
    await later()
    expect((await reset(puppet, cid)).json.status).toBe(awaiting)
    expect(verdictOf(await reset(boss, cid))).toBe(refused)
    expect(await hasFactors(cid)).toBe(true)
  })

  it('who was appointed or made since the request is late, whoever did it', async () => {
    const dan = await target()
    const boss = await someone('admin')
    const late = await someone('user')
    expect((await reset(boss, dan)).json.status).toBe(awaiting)
    await later()
    await site.security.users.grantRole(late.id, 'admin')
    const [promoted, fresh] = [await kit.signIn(late.email), await someone('admin')]
    expect(verdictOf(await reset(promoted, dan))).toBe(refused)
    expect(verdictOf(await reset(fresh, dan))).toBe(refused)
    expect(await hasFactors(dan)).toBe(true)
  })

  it('a right that came from elsewhere and before counts, whatever the first one adds to it', async () => {
    const eve = await target()
    const [boss, other] = [await someone('admin'), await someone('admin')]
    const both = await appoint(boss, other, 'manager')
    await later()
    expect((await reset(boss, eve)).json.status).toBe(awaiting)
    expect(verdictOf(await reset(both, eve))).toBe('200')
    expect(await hasFactors(eve)).toBe(false)
  })
})
