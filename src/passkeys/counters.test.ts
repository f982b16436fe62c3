import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { SoftwareAuthenticator } from '../../test/passkeys/authenticator.ts'
import type { Bench } from '../../test/passkeys/bench.ts'
import { openPasskeyBench } from '../../test/passkeys/open-bench.ts'

const refused = { ok: false }
const opened = openPasskeyBench()
const { somebody } = opened
let bench: Bench
beforeAll(() => {
  bench = opened.bench
})
afterEach(() => void bench.events.splice(0))

describe('a counter', () => {
  const used = async (authenticator: SoftwareAuthenticator, counter: number) => {
    const verdict = await bench.verify(await bench.signature(authenticator, { twist: { counter } }))
    if (verdict.ok)
      expect(await bench.write((trx) => bench.passkeys.use(trx, verdict))).toBe('used')
    return verdict
  }
  const alarms = () => bench.events.filter(({ name }) => name === 'passkey.cloned')

  it('that goes back, stands still or begins anew raises the alarm and signs nobody in', async () => {
    const owner = await somebody()
    const authenticator = new SoftwareAuthenticator()
    const row = await bench.register(owner, authenticator)
    expect(await used(authenticator, 7)).toMatchObject({ ok: true, counter: 7 })
    for (const counter of [6, 7, 0]) {
      const verdict = await used(authenticator, counter)
      expect(verdict).toMatchObject({ ok: false, cloned: { id: row.id } })
    }
    expect(alarms()).toHaveLength(3)
    expect(alarms()[0]).toMatchObject({
      outcome: 'refused',
      resource: { kind: 'passkey', id: row.id },
      payload: { userId: owner.id, passkeyId: row.id },
    })
    expect(await used(authenticator, 2 ** 32 - 1)).toMatchObject({ ok: true })
  })

  it('that is not kept stays 0 and alarms nobody', async () => {
    const authenticator = new SoftwareAuthenticator({ counts: false })
    await bench.register(await somebody(), authenticator)
    for (let round = 0; round < 3; round++) {
      expect(await used(authenticator, 0)).toMatchObject({ ok: true, counter: 0 })
    }
    expect(alarms()).toEqual([])
  })

  it('alarms nobody unless the signature is right', async () => {
    const authenticator = new SoftwareAuthenticator()
    const row = await bench.register(await somebody(), authenticator)
    await used(authenticator, 9)
    const sent = await bench.signature(authenticator, { twist: { counter: 3 } })
    const signature = Buffer.from(sent.response.signature, 'base64url')
    signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1
    const forged = { ...sent.response, signature: signature.toString('base64url') }
    expect(await bench.verify({ ...sent, response: forged })).toEqual(refused)
    expect(alarms()).toEqual([])
    expect((await bench.passkeysOf(row.user_id))[0]).toMatchObject({ counter: 9 })
  })

  it('of two signatures that are used at once counts once', async () => {
    const authenticator = new SoftwareAuthenticator()
    const row = await bench.register(await somebody(), authenticator)
    const twist = { counter: 5 }
    const verdicts = []
    for (let turn = 0; turn < 2; turn++) {
      verdicts.push(await bench.verify(await bench.signature(authenticator, { twist })))
    }
    const uses = []
    for (const verdict of verdicts) {
      if (!verdict.ok) throw new Error('both are right until one is used')
      uses.push(await bench.write((trx) => bench.passkeys.use(trx, verdict)))
    }
    expect(uses).toEqual(['used', 'cloned'])
    expect((await bench.passkeysOf(row.user_id))[0]).toMatchObject({ counter: 5 })
  })

  it('of a passkey that was taken away meanwhile counts nothing and alarms nobody', async () => {
    const authenticator = new SoftwareAuthenticator()
    const row = await bench.register(await somebody(), authenticator)
    const verdict = await bench.verify(await bench.signature(authenticator))
    if (!verdict.ok) throw new Error('it is right')
    await bench.write((trx) => bench.passkeys.removeAll(trx, row.user_id))
    expect(await bench.write((trx) => bench.passkeys.use(trx, verdict))).toBe('gone')
    expect(alarms()).toEqual([])
  })
})
