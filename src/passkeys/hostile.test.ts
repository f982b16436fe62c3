import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { SoftwareAuthenticator } from '../../test/passkeys/authenticator.ts'
import type { Bench } from '../../test/passkeys/bench.ts'
import { type Cbor, encodeCbor, head } from '../../test/passkeys/cbor.ts'
import { openHostileBench, withMember } from '../../test/passkeys/hostile-kit.ts'
import type { UserRow } from '../users/index.ts'
import { isAuthenticatorData } from './authenticator-data.ts'
import { readClientData } from './client-data.ts'

const refused = { ok: false }
const opened = openHostileBench()
const { authenticator, made, signed } = opened
let bench: Bench
let owner: UserRow
beforeAll(() => {
  bench = opened.bench
  owner = opened.owner
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
