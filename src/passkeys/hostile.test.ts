import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import {
  type AssertionJson,
  type RegistrationJson,
  SoftwareAuthenticator,
} from '../../test/passkeys/authenticator.ts'
import { Bench, browser } from '../../test/passkeys/bench.ts'
import { type Cbor, encodeCbor, head } from '../../test/passkeys/cbor.ts'
import { freshDatabase } from '../../test/services/fresh-database.ts'
import type { UserRow } from '../users/index.ts'
import { isAuthenticatorData } from './authenticator-data.ts'
import { readClientData } from './client-data.ts'
import { readAssertion, readRegistration } from './response.ts'

const clock = new ManualClock()
const refused = { ok: false }
let bench: Bench
let owner: UserRow
let drop = async () => {}
const authenticator = new SoftwareAuthenticator({ counts: false })

beforeAll(async () => {
  const fresh = await freshDatabase('sqlite')
  drop = fresh.drop
  bench = await Bench.open({ url: fresh.url, clock })
  owner = await bench.person('01900000-0000-7000-8000-000000000001')
  await bench.register(owner, authenticator)
})
afterAll(async () => {
  await bench.close()
  await drop()
})

type Sent = Record<string, unknown> & { readonly response: object }
const made = () => bench.newPasskey(owner, new SoftwareAuthenticator())
const signed = () => bench.signature(authenticator)
const withMember = (sent: Sent, name: string, value: unknown) => ({
  ...sent,
  response: { ...sent.response, [name]: value },
})
const judge = async (sent: unknown) => [
  await bench.verifyNew(owner.id, sent),
  await bench.verify(sent),
]
const bothRefuse = [refused, refused]

describe('what no browser sends is refused', () => {
  it.each([
    ...[undefined, null, true, 0, '', 'text', [], {}, [[]], new Date(0), Symbol('x'), 1n],
    { response: null },
    { id: 'AAAA', rawId: 'AAAA', type: 'public-key' },
    { id: 'AAAA', rawId: 'AAAA', type: 'public-key', response: [] },
    { id: 1, rawId: 1, type: 'public-key', response: {} },
  ])('%o', async (sent) => {
    expect(await judge(sent)).toEqual(bothRefuse)
  })

  it('of a type, an id or a spelling that is not one', async () => {
    for (const change of [
      { type: 'password' },
      { type: undefined },
      { id: '' },
      { id: 'AAAA' },
      { rawId: undefined },
      { rawId: 'AAAA' },
      { id: 'AA==', rawId: 'AA==' },
      { id: 'A'.repeat(1_365), rawId: 'A'.repeat(1_365) },
    ]) {
      const sent = { ...(await made()), ...change }
      expect(await bench.verifyNew(owner.id, sent), JSON.stringify(change)).toEqual(refused)
      const proof = { ...(await signed()), ...change }
      expect(await bench.verify(proof), JSON.stringify(change)).toEqual(refused)
    }
  })

  it.each(['clientDataJSON', 'attestationObject'])('a registration with a bad %s', async (name) => {
    for (const value of bad) {
      const sent = withMember(await made(), name, value)
      expect(await bench.verifyNew(owner.id, sent)).toEqual(refused)
    }
  })

  it.each(['clientDataJSON', 'authenticatorData', 'signature'])(
    'a signature with a bad %s',
    async (name) => {
      for (const value of bad) {
        expect(await bench.verify(withMember(await signed(), name, value))).toEqual(refused)
      }
    },
  )

  const bad = [
    ...[
      undefined,
      null,
      '',
      0,
      {},
      ['AAAA'],
      'A',
      'AAAA=',
      'AA+/',
      'A A A',
      'AAAB\n',
      '\0',
      'ＡＡＡＡ',
    ],
    'A'.repeat(1_000_000),
  ]

  it('client data that is no JSON of a browser', () => {
    const challenge = 'A'.repeat(43)
    const right = { type: 'webauthn.get', challenge, origin: 'https://a.example' }
    const read = (data: unknown) => readClientData(Buffer.from(JSON.stringify(data) ?? ''))
    expect(read(right)).toEqual({ ...right, framed: false })
    expect(read({ ...right, crossOrigin: false, other: 1 })).toEqual({ ...right, framed: false })
    for (const change of [{ crossOrigin: true }, { crossOrigin: 'false' }, { topOrigin: '' }]) {
      expect(read({ ...right, ...change })).toMatchObject({ framed: true })
    }
    for (const data of [
      ...[null, 1, 'text', [], undefined],
      ...[
        { ...right, type: 1 },
        { ...right, origin: null },
        { ...right, challenge: [challenge] },
      ],
      { ...right, challenge: `${challenge}A` },
    ]) {
      expect(read(data)).toBeUndefined()
    }
    const text = Buffer.from(JSON.stringify(right))
    expect(readClientData(Buffer.concat([Buffer.from('efbbbf', 'hex'), text]))).toBeUndefined()
    expect(readClientData(Buffer.concat([text, Buffer.of(0xff)]))).toBeUndefined()
    expect(readClientData(Buffer.from('['.repeat(4_000)))).toBeUndefined()
  })
})

describe('CBOR', () => {
  const bombs: readonly [string, Buffer][] = [
    ['lists in lists', Buffer.concat([Buffer.alloc(20_000, 0x81), Buffer.of(0)])],
    ['maps in maps', Buffer.concat([Buffer.alloc(20_000, 0xa1), Buffer.of(0)])],
    ['a list of 4 billion', Buffer.concat([head(4, 2 ** 32 - 1), Buffer.alloc(20_000)])],
    ['a map of 4 billion', Buffer.concat([head(5, 2 ** 32 - 1), Buffer.alloc(20_000)])],
    ['tags on tags', Buffer.concat([Buffer.alloc(20_000, 0xc1), Buffer.of(0)])],
  ]
  it.each(bombs)('bomb "%s" is refused as attestation, statement and key', async (_what, bomb) => {
    const asObject = withMember(await made(), 'attestationObject', bomb.toString('base64url'))
    const inStatement = Buffer.concat([Buffer.from('a163666d74', 'hex'), bomb]).toString(
      'base64url',
    )
    const asStatement = withMember(await made(), 'attestationObject', inStatement)
    const asKey = await bench.newPasskey(owner, new SoftwareAuthenticator(), {
      authenticatorData: (data) => Buffer.concat([data.subarray(0, 55 + 32), bomb]),
    })
    const asExtension = await bench.signature(authenticator, {
      twist: { authenticatorData: (data) => withExtensions(data, bomb) },
    })
    for (const sent of [asObject, asStatement, asKey]) {
      expect(await bench.verifyNew(owner.id, sent)).toEqual(refused)
    }
    expect(await bench.verify(asExtension)).toEqual(refused)
  })
})

function withExtensions(data: Buffer, extensions: Uint8Array): Buffer {
  const copy = Buffer.concat([data, extensions])
  copy[32] = (copy[32] ?? 0) | 0x80
  return copy
}

describe('authenticator data', () => {
  const twisted = (authenticatorData: (bytes: Buffer) => Buffer) => ({ authenticatorData })
  const longer = twisted((data) => Buffer.concat([data, Buffer.of(0)]))
  const shorter = twisted((data) => data.subarray(0, -1))

  it.each([
    ['longer than they say', longer],
    ['shorter than they say', shorter],
    ['without a head', twisted((data) => data.subarray(0, 36))],
    ['empty but for one byte', twisted(() => Buffer.of(0))],
  ])('%s are refused', async (_what, twist) => {
    const sent = await bench.newPasskey(owner, new SoftwareAuthenticator(), twist)
    expect(await bench.verifyNew(owner.id, sent)).toEqual(refused)
    expect(await bench.verify(await bench.signature(authenticator, { twist }))).toEqual(refused)
  })

  it('with extensions that they announce are read', async () => {
    const extensions = encodeCbor(new Map<string, Cbor>([['credProtect', 2]]))
    const twist = twisted((data) => withExtensions(data, extensions))
    const sent = await bench.newPasskey(owner, new SoftwareAuthenticator(), twist)
    expect(await bench.verifyNew(owner.id, sent)).toMatchObject({ ok: true })
    expect(await bench.verify(await bench.signature(authenticator, { twist }))).toMatchObject({
      ok: true,
    })
  })

  it('of a synced passkey that cannot be synced are refused', async () => {
    const twist = { backedUp: true, backupEligible: false }
    const sent = await bench.newPasskey(owner, new SoftwareAuthenticator(), twist)
    expect(await bench.verifyNew(owner.id, sent)).toEqual(refused)
    expect(await bench.verify(await bench.signature(authenticator, { twist }))).toEqual(refused)
  })

  it('with a credential id that is empty, endless or another are refused', async () => {
    for (const length of [0, 31, 33, 1_023, 1_024, 65_535]) {
      const twist = twisted((data) => {
        const copy = Buffer.from(data)
        copy.writeUInt16BE(length, 53)
        return copy
      })
      const sent = await bench.newPasskey(owner, new SoftwareAuthenticator(), twist)
      expect(await bench.verifyNew(owner.id, sent), String(length)).toEqual(refused)
    }
    const sent = await made()
    const other = { ...sent, id: 'AAAA', rawId: 'AAAA' }
    expect(await bench.verifyNew(owner.id, other)).toEqual(refused)
  })

  it('of any bytes are looked at without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (any, attested) => {
        expect(isAuthenticatorData(Buffer.from(any), attested)).toBeTypeOf('boolean')
      }),
      { numRuns: 2_000 },
    )
  })

  it('with a key that no signature could ever fit are refused', async () => {
    const twist = {
      authenticatorData: (data: Buffer) => {
        const copy = Buffer.from(data)
        copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1
        return copy
      },
    }
    const sent = await bench.newPasskey(owner, new SoftwareAuthenticator(), twist)
    expect(await bench.verifyNew(owner.id, sent)).toEqual(refused)
  })
})

describe('a valid answer with a byte changed', () => {
  const change = fc.record({ at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }), cut: fc.boolean() })
  const broken = (text: string, { at, bit, cut }: { at: number; bit: number; cut: boolean }) => {
    const bytes = Buffer.from(text, 'base64url')
    const place = at % bytes.length
    bytes[place] = (bytes[place] ?? 0) ^ (1 << bit)
    return bytes.subarray(0, cut ? place : bytes.length).toString('base64url')
  }

  // Of Ed25519, whose signatures have one spelling; the frame around the numbers of ECDSA has several.
  it('signs nobody in', async () => {
    const strict = new SoftwareAuthenticator({ algorithm: 'EdDSA', counts: false })
    await bench.register(await bench.person('01900000-0000-7000-8000-000000000002'), strict)
    const names = ['clientDataJSON', 'authenticatorData', 'signature'] as const
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), change, async (name, how) => {
        const sent: AssertionJson = await bench.signature(strict)
        const verdict = await bench.verify(withMember(sent, name, broken(sent.response[name], how)))
        expect(verdict).toEqual(refused)
      }),
      { numRuns: 300 },
    )
  })

  const names = ['clientDataJSON', 'attestationObject'] as const

  it('registers nothing where the new key says that it signs by another algorithm', async () => {
    const signing = new SoftwareAuthenticator({ algorithm: 'EdDSA', attestation: 'packed' })
    const sent: RegistrationJson = await bench.newPasskey(owner, signing)
    const bytes = Buffer.from(sent.response.attestationObject, 'base64url')
    const at = bytes.indexOf('alg') + 'alg'.length
    expect(bytes[at]).toBe(0x27)
    bytes[at] = 0x26
    const other = withMember(sent, 'attestationObject', bytes.toString('base64url'))
    expect(await bench.verifyNew(owner.id, other)).toEqual(refused)
  })

  it('registers nothing where the new key signs what it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), change, async (name, how) => {
        const signing = new SoftwareAuthenticator({ algorithm: 'EdDSA', attestation: 'packed' })
        const sent: RegistrationJson = await bench.newPasskey(owner, signing)
        const other = withMember(sent, name, broken(sent.response[name], how))
        expect(await bench.verifyNew(owner.id, other)).toEqual(refused)
      }),
      { numRuns: 300 },
    )
  })

  it('registers that passkey or none where nobody signs it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), change, async (name, how) => {
        const sent: RegistrationJson = await made()
        const other = withMember(sent, name, broken(sent.response[name], how))
        const verdict = await bench.verifyNew(owner.id, other)
        if (how.cut) expect(verdict).toEqual(refused)
        if (verdict.ok) expect(verdict.credential.credentialId).toBe(sent.id)
      }),
      { numRuns: 300 },
    )
  })

  it('of anything at all throws nothing', async () => {
    const member = fc.oneof(fc.string(), fc.base64String(), fc.anything())
    const response = fc.dictionary(
      fc.constantFrom(
        'clientDataJSON',
        'attestationObject',
        'authenticatorData',
        'signature',
        'userHandle',
        'transports',
      ),
      member,
    )
    const sent = fc.oneof(
      fc.anything({ withNullPrototype: true, withBigInt: true }),
      fc.record({
        id: fc.constant('AAAA'),
        rawId: fc.constant('AAAA'),
        type: fc.constant('public-key'),
        response,
      }),
    )
    await fc.assert(
      fc.asyncProperty(sent, async (thing) => {
        expect(readRegistration(thing)?.id ?? 'AAAA').toBe('AAAA')
        expect(readAssertion(thing)?.id ?? 'AAAA').toBe('AAAA')
        const ask = { userId: owner.id, browser, response: thing }
        expect(await bench.passkeys.verifyRegistration(ask)).toEqual(refused)
        expect(await bench.verify(thing)).toEqual(refused)
      }),
      { numRuns: 500 },
    )
  })
})
