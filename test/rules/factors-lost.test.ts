import { afterAll, beforeAll, expect, it } from 'vitest'
import { SoftwareAuthenticator } from '../passkeys/authenticator.ts'
import { describeEngines, freshDatabase } from '../services/fresh-database.ts'
import { type FactorKit, factorKit, type Member, verdictOf } from './factor-kit.ts'
import { cheapHashes } from './guessing-kit.ts'
import { goodPassword, openSite, type Site } from './identity-kit.ts'

const dayMs = 24 * 60 * 60_000

/** Nobody wins the time to comply by losing a factor: it is for those who never had one. */
describeEngines('rule 2: whoever had a second factor is given no time to comply', (engine) => {
  let site: Site
  let kit: FactorKit
  let drop: () => Promise<void>
  beforeAll(async () => {
    const fresh = await freshDatabase(engine)
    const mfa = { roles: ['manager'], grace: '7d' } as const
    site = await openSite({ database: fresh.url, captcha: 'none', mfa, stepUp: { within: '24h' } })
    cheapHashes(site)
    kit = factorKit(site)
    drop = fresh.drop
  })
  afterAll(async () => {
    await site?.close()
    await drop?.()
  })

  const login = async ({ email }: Member) => {
    const { json } = await site.login(email, goodPassword)
    return json
  }
  const enrolment = { status: 'mfa_required', methods: [], enrol: ['totp', 'passkey'] }
  const overview = ({ id: userId }: Member) => site.security.factors.overview({ userId })
  const appoint = ({ id }: Member) => site.security.users.grantRole(id, 'manager')

  it('who never had one has it, from the first sign-in on', async () => {
    const ann = await kit.someone('ann')
    await appoint(ann)
    expect(await login(ann)).toMatchObject({ status: 'signed_in' })
    const dueAt = site.clock.now() + 7 * dayMs
    expect(await overview(ann)).toMatchObject({ requiredLevel: 2, dueAt })
  })

  it.each(['an app', 'a passkey', 'an imported app'])('after a reset of %s', async (what) => {
    const ben = await kit.someone(`ben-${what.replaceAll(' ', '-')}`)
    if (what === 'an app') await kit.enrol(ben)
    else if (what === 'a passkey') await addPasskey(ben)
    else await kit.adopt(ben)
    await appoint(ben)
    await site.security.users.resetFactors(ben.id, { reason: 'lost' })
    expect(await login(ben)).toMatchObject(enrolment)
    expect(await overview(ben)).toMatchObject({ totp: null, requiredLevel: 2, dueAt: null })
  })

  it('after the reset of one that was set up within the time', async () => {
    const cid = await kit.someone('cid', ['manager'])
    await kit.enrol(cid)
    await site.security.users.resetFactors(cid.id, { reason: 'lost' })
    expect(await login(cid)).toMatchObject(enrolment)
  })

  it('after its owner took it away while nothing demanded it', async () => {
    const { owner: dan } = await kit.enrol(await kit.someone('dan'))
    expect((await kit.call('POST', '/auth/mfa/totp/disable', dan)).status).toBe(200)
    await appoint(dan)
    expect(await login(dan)).toMatchObject(enrolment)
  })

  it('after "this was not me", and the last one is not to be taken away within the time', async () => {
    const eve = await kit.someone('eve', ['manager'])
    const { owner } = await kit.enrol(eve)
    expect(verdictOf(await kit.call('POST', '/auth/mfa/totp/disable', owner))).toBe(
      '409 factor_required',
    )
    const { factors } = site.security.parts.rooms
    await site.security.parts.ground.database.transaction(async (trx) => {
      await site.security.parts.ground.revocations.announce(trx, { kind: 'user', id: eve.id })
      await factors.removeSince(trx, eve.id, site.clock.now() - dayMs)
    })
    expect(await login(eve)).toMatchObject(enrolment)
  })

  async function addPasskey(who: Member): Promise<void> {
    const { options } = (await kit.call('POST', '/auth/passkeys/options', who, {})).json
    const response = new SoftwareAuthenticator().create(options, 'http://localhost:3000')
    const added = await kit.call('POST', '/auth/passkeys', who, { response })
    if (added.status !== 201) throw new Error(added.text)
  }
})
