import { decodeAttestationObject } from '@simplewebauthn/server/helpers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import { Bench, browser } from '../../test/passkeys/bench.ts'
import { type Cbor, encodeCbor } from '../../test/passkeys/cbor.ts'
import { freshDatabase } from '../../test/services/fresh-database.ts'
import vectors from '../../test/vectors/webauthn/webauthn-l3-vectors.json' with { type: 'json' }
import { hashToken } from '../crypto/index.ts'
import { browserHash, type CeremonyKind } from './index.ts'
import { insertCeremony } from './store.ts'

/** The test vectors of WebAuthn Level 3. Every one is true; what we refuse of them is our policy. */
const pairs = vectors.vectors.map(({ anchor, ...pair }) => ({
  ...pair,
  name: anchor.replace('sctn-test-vectors-', ''),
}))
type Pair = (typeof pairs)[number]

const withoutAttestation = ['none-es256', 'packed-self-es256', 'none-es256-long-credential-id']
const withCertificate = ['packed-es256', 'packed-rs256', 'packed-eddsa']
/** Whose attestation is not one that counts, while the passkey works. */
const withoutRoot: Readonly<Record<string, string>> = {
  'tpm-es256': 'a maker of TPMs that nobody knows',
  'android-key-es256': 'a format whose certificates would be followed',
  'apple-es256': 'a format whose certificates would be followed',
  'fido-u2f-es256': 'a model, where U2F knows none',
}
/** Why the others are no passkeys here. */
const refusedFor: Readonly<Record<string, string>> = {
  'none-es256-crossOrigin': 'a page in a frame of another site',
  'none-es256-topOrigin': 'a page in a frame of another site',
  'packed-es384': 'an algorithm that nobody was asked for',
  'packed-es512': 'an algorithm that nobody was asked for',
  'packed-ed448': 'an algorithm that nobody was asked for',
  ...withoutRoot,
}

const text = (hex: string) => Buffer.from(hex, 'hex').toString('base64url')
const clock = new ManualClock()
const userId = '01900000-0000-7000-8000-000000000001'
let plain: Bench
let direct: Bench
let drop = async () => {}

beforeAll(async () => {
  const fresh = await freshDatabase('sqlite')
  drop = fresh.drop
  const options = { url: fresh.url, clock, baseUrl: vectors.origin }
  const userVerification = 'preferred'
  plain = await Bench.open({ ...options, rules: { userVerification } })
  direct = await Bench.open(
    { ...options, rules: { userVerification, attestation: 'direct' } },
    false,
  )
  await plain.person(userId)
})
afterAll(async () => {
  await plain.close()
  await direct.close()
  await drop()
})

/** Lets a challenge of the vectors be one of ours. */
async function hand(challenge: string, kind: CeremonyKind): Promise<void> {
  const now = clock.now()
  const row = {
    ...{ challenge_hash: hashToken(challenge), kind, user_id: userId },
    ...{
      browser_hash: browserHash({ browser }),
      created_at: now,
      expires_at: now + 1,
      used_at: null,
    },
  }
  await plain.write(async (trx) => {
    await trx.deleteFrom('hf_ceremonies').execute()
    await insertCeremony(trx, row)
  })
}

async function register(bench: Bench, { registration }: Pair) {
  await hand(text(registration.challenge), 'register')
  const id = text(registration.credential_id)
  const clientDataJSON = text(registration.clientDataJSON)
  const attestationObject = text(registration.attestationObject)
  const response = { clientDataJSON, attestationObject }
  return await bench.verifyNew(userId, { id, rawId: id, type: 'public-key', response })
}

async function signIn(bench: Bench, { authentication, registration }: Pair) {
  await hand(text(authentication.challenge), 'factor')
  const id = text(registration.credential_id)
  const response = {
    clientDataJSON: text(authentication.clientDataJSON),
    authenticatorData: text(authentication.authenticatorData),
    signature: text(authentication.signature),
  }
  const sent = { id, rawId: id, type: 'public-key', response }
  return await bench.verify(sent, { kind: 'factor', userId })
}

/** The same passkey as a browser hands it over that was asked for no attestation. */
function unattested({ registration, ...pair }: Pair): Pair {
  const object = decodeAttestationObject(
    Uint8Array.from(Buffer.from(registration.attestationObject, 'hex')),
  )
  const bare = new Map<string, Cbor>([
    ['fmt', 'none'],
    ['attStmt', new Map()],
    ['authData', object.get('authData')],
  ])
  const attestationObject = encodeCbor(bare).toString('hex')
  return { ...pair, registration: { ...registration, attestationObject } } as Pair
}

async function addTo(bench: Bench, pair: Pair) {
  const verdict = await register(bench, pair)
  if (!verdict.ok) throw new Error('the registration is true')
  const { credential } = verdict
  expect(credential.credentialId).toBe(text(pair.registration.credential_id))
  await bench.write((trx) => bench.passkeys.add(trx, { userId, credential }))
  return credential
}

async function expectSignature(bench: Bench, pair: Pair) {
  const bits = Buffer.from(pair.authentication.authenticatorData, 'hex')[32] ?? 0
  expect(await signIn(bench, pair)).toMatchObject({
    ...{ ok: true, counter: 0, userVerified: (bits & 4) !== 0, backedUp: (bits & 16) !== 0 },
    factor: (bits & 4) === 0 ? 'key' : 'passkey',
  })
  const other = pairs.find(({ name }) => name !== pair.name)
  const signature = other?.authentication.signature
  const forged = { ...pair, authentication: { ...pair.authentication, signature } } as Pair
  expect(await signIn(bench, forged)).toEqual({ ok: false })
}

const only = (names: readonly string[]) => pairs.filter(({ name }) => names.includes(name))

it('every vector is looked at', () => {
  const named = [...withoutAttestation, ...withCertificate, ...Object.keys(refusedFor)]
  expect(pairs.map(({ name }) => name).sort()).toEqual(named.sort())
})

describe('vectors of the W3C', () => {
  it.each(only([...withoutAttestation, ...withCertificate]))(
    '$name registers and signs in',
    async (pair) => {
      const { aaguid } = await addTo(direct, pair)
      expect(aaguid.replaceAll('-', '')).toBe(pair.registration.aaguid)
      await expectSignature(direct, pair)
    },
  )

  it.each(only(Object.keys(withoutRoot)))('$name signs in, its attestation aside', async (pair) => {
    await addTo(plain, unattested(pair))
    await expectSignature(plain, pair)
  })

  it.each(only(withoutAttestation))(
    '$name registers where no attestation is asked for',
    async (pair) => {
      expect(await register(plain, pair)).toMatchObject({
        ok: true,
        credential: { aaguid: '00000000-0000-0000-0000-000000000000' },
      })
    },
  )

  it.each(only(withCertificate))(
    '$name is refused where no attestation is asked for',
    async (pair) => {
      expect(await register(plain, pair)).toEqual({ ok: false })
    },
  )

  it.each(
    Object.entries(refusedFor).flatMap(([name, why]) =>
      only([name]).map((pair) => ({ pair, name, why })),
    ),
  )('$name is refused: $why', async ({ pair }) => {
    expect(await register(plain, pair)).toEqual({ ok: false })
    expect(await register(direct, pair)).toEqual({ ok: false })
  })
})
