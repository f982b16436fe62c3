import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  type AssertionJson,
  type RegistrationJson,
  SoftwareAuthenticator,
} from '../../test/passkeys/authenticator.ts'
import { type Bench, browser } from '../../test/passkeys/bench.ts'
import { openHostileBench, withMember } from '../../test/passkeys/hostile-kit.ts'
import type { UserRow } from '../users/index.ts'
import { readAssertion, readRegistration } from './response.ts'

const refused = { ok: false }
const opened = openHostileBench()
const { made, somebody } = opened
let bench: Bench
let owner: UserRow
beforeAll(() => {
  bench = opened.bench
  owner = opened.owner
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
    await bench.register(await somebody(), strict)
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
