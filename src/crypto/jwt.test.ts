import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { importJWK, jwtVerify, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import {
  algorithms,
  audience,
  base64url,
  check,
  claims,
  expected,
  headerOf,
  issuer,
  now,
  signers,
  signRaw,
} from '../../test/jwt-kit.ts'
import { signJwt, verifyJwt } from './jwt.ts'
import { generateSigningKey, publicJwk, verificationKey } from './jwt-keys.ts'

describe.each(algorithms)('a token signed with %s', (alg) => {
  const key = signers[alg]
  const token = signJwt(key, { typ: 'at+jwt', claims })

  it('verifies to its claims', () => {
    expect(verifyJwt(token, expected)).toEqual({ ok: true, claims })
  })

  it('is verified by jose', async () => {
    const jose = alg === 'HS256' ? signers.HS256.key : await importJWK({ ...publicJwk(key) })
    const options = { issuer, audience, typ: 'at+jwt', algorithms: [alg] }
    const { payload, protectedHeader } = await jwtVerify(token, jose, {
      ...options,
      currentDate: new Date(now * 1_000),
    })
    expect(payload).toEqual(claims)
    expect(protectedHeader).toEqual(headerOf(key))
  })

  it('made by jose is verified by us', async () => {
    const signed = await new SignJWT(claims).setProtectedHeader(headerOf(key)).sign(key.key)
    expect(verifyJwt(signed, expected)).toEqual({ ok: true, claims })
  })

  it('with any one character changed, missing or added is refused', () => {
    const alphabet = 'ABab01-_.=+/ \n'
    for (let at = 0; at < token.length; at += alg === 'HS256' ? 1 : 7) {
      expect(check(token.slice(0, at) + token.slice(at + 1))).not.toBe('accepted')
      for (const letter of alphabet) {
        expect(check(token.slice(0, at) + letter + token.slice(at))).not.toBe('accepted')
        if (letter === token[at]) continue
        expect(check(token.slice(0, at) + letter + token.slice(at + 1))).not.toBe('accepted')
      }
    }
  })

  it('with a signature of another length or all zeros is refused', () => {
    const signed = token.slice(0, token.lastIndexOf('.'))
    for (const length of [0, 1, 31, 32, 33, 63, 64, 65, 72]) {
      expect(check(`${signed}.${base64url(Buffer.alloc(length))}`)).toBe('signature')
    }
  })

  it('is refused when its algorithm is named otherwise', () => {
    const names = ['none', 'None', '', 'RS256', 'PS256', 'HS384', 'ES384', 'eddsa', 'Ed25519']
    for (const other of [...names, ...algorithms.filter((name) => name !== alg)]) {
      const payload = JSON.stringify(claims)
      expect(check(signRaw(key, JSON.stringify(headerOf(key, { alg: other })), payload))).toBe(
        'unknown_key',
      )
    }
  })
})

describe('keys', () => {
  it('of one id cannot be stood in for by another', () => {
    const forger = generateSigningKey('EdDSA')
    const header = JSON.stringify(headerOf(forger, { kid: signers.EdDSA.kid }))
    expect(check(signRaw(forger, header, JSON.stringify(claims)))).toBe('signature')
    expect(check(signJwt(forger, { typ: 'at+jwt', claims }))).toBe('unknown_key')
  })

  it('that are public are no HS256 secret', () => {
    for (const alg of ['EdDSA', 'ES256'] as const) {
      const key = verificationKey(signers[alg]).key
      const forms = [
        key.export({ format: 'der', type: 'spki' }),
        key.export({ format: 'pem', type: 'spki' }),
        JSON.stringify(publicJwk(signers[alg])),
        publicJwk(signers[alg]).x,
      ]
      for (const secret of forms) {
        const header = base64url(
          JSON.stringify({ alg: 'HS256', typ: 'at+jwt', kid: signers[alg].kid }),
        )
        const signed = `${header}.${base64url(JSON.stringify(claims))}`
        const signature = createHmac('sha256', secret).update(signed).digest('base64url')
        expect(check(`${signed}.${signature}`)).toBe('unknown_key')
      }
    }
  })

  it.each(['', '__proto__', 'constructor', 'toString', '../../dev/null', "' OR 1=1", 'hs-1\u0000'])(
    'are not found by the kid %j',
    (kid) => {
      const header = JSON.stringify(headerOf(signers.HS256, { kid }))
      expect(check(signRaw(signers.HS256, header, JSON.stringify(claims)))).toBe('unknown_key')
    },
  )
})

describe('against jose', () => {
  const key = signers.HS256
  const instant = fc.constantFrom<unknown>(
    now,
    now + 900,
    now - 61,
    now - 60,
    now + 61,
    0,
    1.5,
    -1,
    '1',
    null,
  )
  const anyClaims = fc.record(
    {
      iss: fc.oneof({ weight: 9, arbitrary: fc.constant<unknown>(issuer) }, fc.jsonValue()),
      aud: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom<unknown>(audience, [audience, 'b'], [['a']]) },
        fc.jsonValue(),
      ),
      exp: fc.oneof({ weight: 9, arbitrary: fc.constant<unknown>(now + 900) }, instant),
      nbf: fc.oneof({ weight: 9, arbitrary: fc.constant<unknown>(now) }, instant),
      iat: fc.oneof({ weight: 9, arbitrary: fc.constant<unknown>(now) }, instant),
      sub: fc.oneof({ weight: 9, arbitrary: fc.string() }, fc.jsonValue()),
      jti: fc.string(),
      extra: fc.jsonValue(),
    },
    { requiredKeys: ['iss', 'aud', 'exp', 'sub', 'jti'] },
  )
  const anyHeader = fc.oneof(
    { weight: 12, arbitrary: fc.constant({}) },
    fc.record(
      {
        alg: fc.constantFrom('none', 'HS256', 'HS512'),
        typ: fc.constantFrom('at+jwt', 'AT+JWT', 'JWT', 1),
        crit: fc.constantFrom([], ['exp']),
        b64: fc.boolean(),
        jku: fc.webUrl(),
      },
      { requiredKeys: [] },
    ),
  )
  /** Damage done to the text before it is signed: the signature is always right. */
  const damage = fc.oneof(
    { weight: 12, arbitrary: fc.constant((text: string) => text) },
    fc.constantFrom(
      (text: string) => `${text.slice(0, -1)},"exp":1}`,
      (text: string) => `\ufeff${text}`,
      (text: string) => `${text} `,
      (text: string) => text.slice(1),
    ),
  )

  it('we accept nothing that jose refuses, and read the same claims', async () => {
    const tally = { accepted: 0, refused: 0 }
    const property = fc.asyncProperty(anyHeader, anyClaims, damage, async (header, body, spoil) => {
      const payload = spoil(JSON.stringify(body))
      const token = signRaw(key, JSON.stringify(headerOf(key, header)), payload)
      const verdict = verifyJwt(token, expected)
      tally[verdict.ok ? 'accepted' : 'refused']++
      if (!verdict.ok) return
      const options = { issuer, audience, typ: 'at+jwt', algorithms: ['HS256'], clockTolerance: 60 }
      const currentDate = new Date(now * 1_000)
      const theirs = await jwtVerify(token, key.key, { ...options, currentDate })
      expect(verdict.claims).toEqual(theirs.payload)
    })
    await fc.assert(property, { numRuns: 2_000 })
    expect(tally.accepted).toBeGreaterThan(200)
    expect(tally.refused).toBeGreaterThan(600)
  })

  it('no text makes us throw', () => {
    const segment = fc.oneof(fc.base64String(), fc.string(), fc.json().map(base64url))
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(segment).map((all) => all.join('.')),
    )
    fc.assert(
      fc.property(text, (token) => {
        expect(verifyJwt(token, expected).ok).toBe(false)
      }),
      { numRuns: 3_000 },
    )
  })
})
