import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import { SoftwareAuthenticator } from '../../test/passkeys/authenticator.ts'
import { Bench } from '../../test/passkeys/bench.ts'
import { freshDatabase } from '../../test/services/fresh-database.ts'

const refused = { ok: false }
let bench: Bench
let drop = async () => {}
let people = 0
const somebody = () => bench.person(`01900000-0000-7000-8000-${String(++people).padStart(12, '0')}`)

beforeAll(async () => {
  const fresh = await freshDatabase('sqlite')
  drop = fresh.drop
  bench = await Bench.open({ url: fresh.url, clock: new ManualClock() })
})
afterAll(async () => {
  await bench?.close()
  await drop()
})

// WebAuthn Level 3, sections 6.1.3 and 7.2.
describe('a passkey', () => {
  it('stays one that may be synced, or one that may not', async () => {
    const kinds = [
      { eligible: true, other: { backupEligible: false, backedUp: false } },
      { eligible: false, other: { backupEligible: true, backedUp: true } },
      { eligible: false, other: { backupEligible: true, backedUp: false } },
    ]
    for (const { eligible, other } of kinds) {
      const owner = await somebody()
      const authenticator = new SoftwareAuthenticator({ backedUp: eligible })
      const row = await bench.register(owner, authenticator)
      expect(row.backup_eligible).toBe(eligible ? 1 : 0)
      for (const kind of ['sign_in', 'factor', 'step_up'] as const) {
        const asked = kind === 'sign_in' ? { kind } : { kind, userId: owner.id }
        const sent = await bench.signature(authenticator, { ...asked, twist: other })
        expect(await bench.verify(sent, asked), kind).toEqual(refused)
      }
      const verdict = await bench.verify(await bench.signature(authenticator))
      expect(verdict).toMatchObject({ ok: true, backupEligible: eligible })
    }
  })

  it('that may be synced may be so today and not tomorrow', async () => {
    const owner = await somebody()
    const authenticator = new SoftwareAuthenticator({ backedUp: true })
    await bench.register(owner, authenticator)
    for (const backedUp of [false, true]) {
      const twist = { backupEligible: true, backedUp }
      const verdict = await bench.verify(await bench.signature(authenticator, { twist }))
      if (!verdict.ok) throw new Error('only what it may be is kept from changing')
      await bench.write((trx) => bench.passkeys.use(trx, verdict))
      expect((await bench.passkeysOf(owner.id))[0]).toMatchObject({ backed_up: backedUp ? 1 : 0 })
    }
  })

  it('from before that was kept shows by its next use whether it may be synced', async () => {
    const owner = await somebody()
    const authenticator = new SoftwareAuthenticator({ backedUp: true })
    await bench.register(owner, authenticator)
    await bench.write((trx) =>
      trx
        .updateTable('hf_passkeys')
        .set({ backup_eligible: null })
        .where('user_id', '=', owner.id)
        .execute(),
    )
    const verdict = await bench.verify(await bench.signature(authenticator))
    if (!verdict.ok) throw new Error('nothing is known yet that it could differ from')
    await bench.write((trx) => bench.passkeys.use(trx, verdict))
    expect((await bench.passkeysOf(owner.id))[0]).toMatchObject({ backup_eligible: 1 })
    const twist = { backupEligible: false, backedUp: false }
    expect(await bench.verify(await bench.signature(authenticator, { twist }))).toEqual(refused)
  })
})
