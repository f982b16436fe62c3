import { beforeAll, describe, expect, it } from 'vitest'
import { type KeyAlgorithm, SoftwareAuthenticator } from '../../test/passkeys/authenticator.ts'
import { type Bench, browser, ownerOf } from '../../test/passkeys/bench.ts'
import { openPasskeyBench } from '../../test/passkeys/open-bench.ts'
import type { PasskeyRow } from './index.ts'

const minute = 60_000
const refused = { ok: false }
const opened = openPasskeyBench()
const { benchWith, clock, somebody } = opened
let bench: Bench
beforeAll(() => {
  bench = opened.bench
})

describe('a passkey', () => {
  it.each<KeyAlgorithm>(['ES256', 'EdDSA', 'RS256'])(
    'of %s is registered and signs in without a name',
    async (algorithm) => {
      const owner = await somebody()
      const authenticator = new SoftwareAuthenticator({ algorithm })
      const row = await bench.register(owner, authenticator)
      const verdict = await bench.verify(await bench.signature(authenticator))
      expect(verdict).toEqual({
        ...{ ok: true, counter: 2, userVerified: true, factor: 'passkey' },
        ...{ backedUp: false, backupEligible: false },
        passkey: row,
      })
    },
  )

  it('is asked for as discoverable, with what the site takes and nothing it has', async () => {
    const owner = await somebody()
    const first = await bench.register(owner, new SoftwareAuthenticator())
    const { options } = await bench.passkeys.registration(ownerOf(owner), browser)
    expect(options).toEqual({
      rp: { id: 'shop.example.com', name: 'Shop' },
      user: {
        id: Buffer.from(owner.id).toString('base64url'),
        ...{ name: owner.email, displayName: 'Ada' },
      },
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
      timeout: 5 * minute,
      excludeCredentials: [
        { type: 'public-key', id: first.credential_id, transports: ['internal'] },
      ],
      authenticatorSelection: {
        ...{ residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      },
      attestation: 'none',
      extensions: { credProps: true },
    })
  })

  it('is asked for by name where the account is known, and by none where it is not', async () => {
    const owner = await somebody()
    const row = await bench.register(owner, new SoftwareAuthenticator())
    const named = await bench.passkeys.request({ kind: 'factor', userId: owner.id, browser })
    expect(named.options).toEqual({
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      ...{ timeout: 5 * minute, rpId: 'shop.example.com', userVerification: 'required' },
      allowCredentials: [{ type: 'public-key', id: row.credential_id, transports: ['internal'] }],
    })
    const open = await bench.passkeys.request({ kind: 'sign_in', browser })
    expect(open.options).not.toHaveProperty('allowCredentials')
  })

  it('is kept without what the site did not ask for', async () => {
    const aaguid = 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4'
    const authenticator = new SoftwareAuthenticator({ aaguid, backedUp: true })
    const twist = { transports: ['hybrid', 'internal', 'internal', 'telepathy'] }
    const row = await bench.register(await somebody(), authenticator, twist)
    expect(row).toMatchObject({
      aaguid: '00000000-0000-0000-0000-000000000000',
      ...{ backed_up: 1, transports: '["hybrid","internal"]', name: 'Passkey', last_used_at: null },
    })
  })

  it('is named by its owner, or counted', async () => {
    const owner = await somebody()
    await bench.register(owner, new SoftwareAuthenticator())
    await clock.advance(1)
    const second = await bench.register(owner, new SoftwareAuthenticator())
    expect(second.name).toBe('Passkey 2')
    const named = { userId: owner.id, id: second.id, name: 'Phone' }
    expect(await bench.write((trx) => bench.passkeys.rename(trx, named))).toBe(true)
    expect((await bench.passkeysOf(owner.id)).map(({ name }) => name)).toEqual(['Passkey', 'Phone'])
  })

  it('without a check of its user is refused', async () => {
    const owner = await somebody()
    const unchecked = new SoftwareAuthenticator({ userVerified: false })
    expect(await bench.verifyNew(owner.id, await bench.newPasskey(owner, unchecked))).toEqual(
      refused,
    )
    const authenticator = new SoftwareAuthenticator()
    await bench.register(owner, authenticator)
    const twist = { userVerified: false }
    for (const kind of ['sign_in', 'factor', 'step_up'] as const) {
      const asked = kind === 'sign_in' ? { kind } : { kind, userId: owner.id }
      const sent = await bench.signature(authenticator, { ...asked, twist })
      expect(await bench.verify(sent, asked), kind).toEqual(refused)
    }
  })

  it('without a check of its user is a key where that is taken, and never signs in alone', async () => {
    const lenient = await benchWith({ userVerification: 'preferred' })
    const owner = await somebody()
    const authenticator = new SoftwareAuthenticator({ userVerified: false })
    await lenient.register(owner, authenticator)
    const factor = { kind: 'factor', userId: owner.id } as const
    expect(
      await lenient.verify(await lenient.signature(authenticator, factor), factor),
    ).toMatchObject({ ok: true, userVerified: false, factor: 'key' })
    expect(await lenient.verify(await lenient.signature(authenticator))).toEqual(refused)
    const { options } = await lenient.passkeys.request({ kind: 'sign_in', browser })
    expect(options).toMatchObject({ userVerification: 'required' })
  })

  it('that nobody touched is refused', async () => {
    const owner = await somebody()
    const authenticator = new SoftwareAuthenticator()
    const twist = { userPresent: false }
    expect(
      await bench.verifyNew(owner.id, await bench.newPasskey(owner, authenticator, twist)),
    ).toEqual(refused)
    await bench.register(owner, authenticator)
    expect(await bench.verify(await bench.signature(authenticator, { twist }))).toEqual(refused)
  })

  it('is registered once, whoever asks', async () => {
    const [one, other] = [await somebody(), await somebody()]
    const authenticator = new SoftwareAuthenticator()
    const row = await bench.register(one, authenticator)
    const thief = new SoftwareAuthenticator()
    for (const owner of [one, other]) {
      const sent = await bench.newPasskey(owner, thief, { credentialId: row.credential_id })
      const verdict = await bench.verifyNew(owner.id, sent)
      if (!verdict.ok) throw new Error('it is told apart by adding it alone')
      const { credential } = verdict
      const addition = { userId: owner.id, credential }
      expect(await bench.write((trx) => bench.passkeys.add(trx, addition))).toBeUndefined()
    }
    expect(await bench.passkeysOf(other.id)).toEqual([])
  })

  it('says who it is for when it signs in without a name', async () => {
    const [owner, other] = [await somebody(), await somebody()]
    const authenticator = new SoftwareAuthenticator()
    await bench.register(owner, authenticator)
    const handle = Buffer.from(other.id).toString('base64url')
    for (const userHandle of [null, handle, '', 'not base64url!']) {
      const sent = await bench.signature(authenticator, { twist: { userHandle } })
      expect(await bench.verify(sent), String(userHandle)).toEqual(refused)
    }
    const factor = { kind: 'factor', userId: owner.id } as const
    const silent = await bench.signature(authenticator, { ...factor, twist: { userHandle: null } })
    expect(await bench.verify(silent, factor)).toMatchObject({ ok: true })
    const lying = await bench.signature(authenticator, { ...factor, twist: { userHandle: handle } })
    expect(await bench.verify(lying, factor)).toEqual(refused)
  })

  it('of another account is no factor of this one', async () => {
    const [owner, other] = [await somebody(), await somebody()]
    const authenticator = new SoftwareAuthenticator()
    const row = await bench.register(other, authenticator)
    for (const kind of ['factor', 'step_up'] as const) {
      const asked = { kind, userId: owner.id }
      const twist = { credentialId: row.credential_id, userHandle: null }
      const sent = await bench.signature(authenticator, { ...asked, twist })
      expect(await bench.verify(sent, asked), kind).toEqual(refused)
    }
  })

  it('that was taken away, or never came, proves nothing', async () => {
    const owner = await somebody()
    const authenticator = new SoftwareAuthenticator()
    const { id } = await bench.register(owner, authenticator)
    const sent = await bench.signature(authenticator)
    expect(await bench.write((trx) => bench.passkeys.remove(trx, { userId: owner.id, id }))).toBe(
      true,
    )
    expect(await bench.verify(sent)).toEqual(refused)
  })

  it('signs with its own key', async () => {
    const authenticator = new SoftwareAuthenticator()
    const first = await bench.register(await somebody(), authenticator)
    const second = await bench.register(await somebody(), authenticator)
    const twist = { credentialId: first.credential_id, signedBy: second.credential_id }
    expect(await bench.verify(await bench.signature(authenticator, { twist }))).toEqual(refused)
  })
})

describe('what an account holds', () => {
  const held = async ({ user_id }: Pick<PasskeyRow, 'user_id'>) => {
    const { reader } = bench.database
    const query = reader.selectFrom('hf_users').select('passkeys').where('id', '=', user_id)
    return (await query.executeTakeFirstOrThrow()).passkeys
  }

  it('is counted with every change', async () => {
    const [owner, other] = [await somebody(), await somebody()]
    const first = await bench.register(owner, new SoftwareAuthenticator())
    await bench.register(owner, new SoftwareAuthenticator())
    const foreign = await bench.register(other, new SoftwareAuthenticator())
    expect([await held(first), await held(foreign)]).toEqual([2, 1])
    const remove = (userId: string, { id }: PasskeyRow) =>
      bench.write((trx) => bench.passkeys.remove(trx, { userId, id }))
    expect(await remove(owner.id, foreign)).toBe(false)
    expect(await remove(owner.id, first)).toBe(true)
    expect(await remove(owner.id, first)).toBe(false)
    expect([await held(first), await held(foreign)]).toEqual([1, 1])
    expect(await bench.write((trx) => bench.passkeys.removeAll(trx, owner.id))).toBe(1)
    expect(await bench.write((trx) => bench.passkeys.removeAll(trx, owner.id))).toBe(0)
    expect([await held(first), await held(foreign)]).toEqual([0, 1])
  })
})
