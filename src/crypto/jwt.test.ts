import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { importJWK, jwtVerify, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { signCompact } from './jws.ts'
import { type JwtExpectations, type JwtVerdict, signJwt, verifyJwt } from './jwt.ts'
import {
  generateSigningKey,
  namedSecretKey,
  publicJwk,
  type SigningKey,
  type VerificationKey,
  verificationKey,
} from './jwt-keys.ts'

const now = 1_800_000_000
const issuer = 'https://auth.example.com'
const audience = 'https://api.example.com'
const signers = {
  EdDSA: generateSigningKey('EdDSA'),
  ES256: generateSigningKey('ES256'),
  HS256: namedSecretKey('hs-1', randomBytes(32)),
}
const algorithms = ['EdDSA', 'ES256', 'HS256'] as const
const keys: ReadonlyMap<string, VerificationKey> = new Map(
  Object.values(signers).map((key) => [key.kid, verificationKey(key)]),
)
const expected: JwtExpectations = {
  keys,
  issuer,
  audience,
  typ: 'at+jwt',
  nowSeconds: now,
  leewaySeconds: 60,
  requiredClaims: ['sub', 'jti'],
}
const claims = {
  iss: issuer,
  aud: audience,
  exp: now + 900,
  iat: now,
  sub: 'user-1',
  jti: 'token-1',
}

const base64url = (text: string | Uint8Array) => Buffer.from(text).toString('base64url')
const headerOf = (key: SigningKey, changes: object = {}) => ({
  alg: key.alg,
  typ: 'at+jwt',
  kid: key.kid,
  ...changes,
})

/** Signs any header and payload, however wrong, with a real key. */
function signRaw(
  key: SigningKey,
  header: string | Uint8Array,
  payload: string | Uint8Array,
): string {
  const signed = `${base64url(header)}.${base64url(payload)}`
  return `${signed}.${signCompact(signed, key)}`
}

function signClaims(changes: object, key: SigningKey = signers.EdDSA): string {
  return signRaw(key, JSON.stringify(headerOf(key)), JSON.stringify({ ...claims, ...changes }))
}

const reasonOf = (verdict: JwtVerdict) => (verdict.ok ? 'accepted' : verdict.reason)
const check = (token: string, changes: Partial<JwtExpectations> = {}) =>
  reasonOf(verifyJwt(token, { ...expected, ...changes }))

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

describe('a header', () => {
  const key = signers.EdDSA
  const payload = JSON.stringify(claims)
  const withHeader = (changes: object) =>
    check(signRaw(key, JSON.stringify(headerOf(key, changes)), payload))

  it.each([
    ['jku', 'https://evil.example/jwks.json'],
    ['x5u', 'https://evil.example/chain.pem'],
    ['x5c', ['MIIB']],
    ['x5t', 'abc'],
    ['x5t#S256', 'abc'],
    ['jwk', { ...publicJwk(key) }],
    ['crit', []],
    ['crit', ['exp']],
    ['b64', false],
    ['zip', 'DEF'],
    ['cty', 'JWT'],
    ['epk', {}],
    ['p2c', 1_000_000],
    ['nonce', 'x'],
  ])('with %s is refused', (name, value) => {
    expect(withHeader({ [name]: value })).toBe('malformed')
  })

  it.each([undefined, 'JWT', 'rt+jwt', 'AT+JWT', 'application/at+jwt', 'at+jwt ', ''])(
    'of type %j is not an access token',
    (typ) => {
      expect(withHeader({ typ })).toBe('claims')
    },
  )

  it.each([
    { typ: 1 },
    { typ: null },
    { typ: ['at+jwt'] },
    { kid: 1 },
    { kid: undefined },
    { alg: null },
  ])('whose members are %j is malformed', (changes) => {
    expect(withHeader(changes)).toBe('malformed')
  })

  it('with a member written twice is malformed, in either order', () => {
    const [alg, kid] = [`"alg":"EdDSA"`, `"kid":"${key.kid}"`]
    for (const extra of ['"alg":"none"', '"kid":"x"', '"typ":"JWT"', '"\\u0061lg":"EdDSA"']) {
      const text = `${alg},${kid},"typ":"at+jwt"`
      expect(check(signRaw(key, `{${text}}`, payload))).toBe('accepted')
      expect(check(signRaw(key, `{${text},${extra}}`, payload))).toBe('malformed')
      expect(check(signRaw(key, `{${extra},${text}}`, payload))).toBe('malformed')
    }
  })
})

describe('an encoding', () => {
  const token = signJwt(signers.EdDSA, { typ: 'at+jwt', claims })
  const [header = '', payload = '', signature = ''] = token.split('.')

  it.each([
    ['empty', ''],
    ['dots alone', '..'],
    ['one segment', header],
    ['two segments', `${header}.${payload}`],
    ['no signature', `${header}.${payload}.`],
    ['four segments', `${token}.${signature}`],
    ['a JWE of five', `${token}.a.b`],
    ['a leading space', ` ${token}`],
    ['a trailing line end', `${token}\n`],
    ['a scheme', `Bearer ${token}`],
    ['padding', `${token}==`],
    ['standard base64', `${header}.${payload}.+${signature.slice(1)}`],
    ['a byte above ASCII', `${token.slice(0, -1)}\u0141`],
    ['JSON serialisation', JSON.stringify({ protected: header, payload, signature })],
  ])('of %s is refused', (_, text) => {
    expect(['malformed', 'signature']).toContain(check(text))
  })

  it('with unused bits set is malformed', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const last = alphabet.indexOf(signature.at(-1) ?? '')
    for (let bits = 1; bits < 16; bits++) {
      const twin = `${header}.${payload}.${signature.slice(0, -1)}${alphabet[last + bits]}`
      expect(Buffer.from(twin.split('.')[2] ?? '', 'base64url')).toEqual(
        Buffer.from(signature, 'base64url'),
      )
      expect(check(twin)).toBe('malformed')
    }
  })

  it('longer than 8 KB is neither read nor written', () => {
    const long = { ...claims, pad: 'x'.repeat(6_100) }
    expect(() => signJwt(signers.EdDSA, { typ: 'at+jwt', claims: long })).toThrow(RangeError)
    expect(check(signClaims(long))).toBe('malformed')
    expect(check(signClaims({ pad: 'x'.repeat(5_600) }))).toBe('accepted')
  })
})

describe('claims', () => {
  const key = signers.EdDSA
  const withPayload = (payload: string | Uint8Array) =>
    check(signRaw(key, JSON.stringify(headerOf(key)), payload))

  it.each([
    ['an array', '[]'],
    ['a string', '"x"'],
    ['null', 'null'],
    ['nothing', ''],
    ['no JSON', '{"iss":'],
    ['a byte order mark', `\ufeff${JSON.stringify(claims)}`],
    ['a duplicate', `${JSON.stringify(claims).slice(0, -1)},"exp":${now + 9_999}}`],
    ['an escaped duplicate', `${JSON.stringify(claims).slice(0, -1)},"\\u0073ub":"admin"}`],
    ['a nested duplicate', `${JSON.stringify(claims).slice(0, -1)},"x":{"a":1,"a":1}}`],
    ['__proto__', `${JSON.stringify(claims).slice(0, -1)},"__proto__":{}}`],
    ['NaN', `${JSON.stringify(claims).slice(0, -1)},"nbf":NaN}`],
  ])('that are %s are malformed', (_, payload) => {
    expect(withPayload(payload)).toBe('malformed')
  })

  it('that are not UTF-8 are malformed', () => {
    const bytes = Buffer.from(JSON.stringify({ ...claims, x: '\u00ff' }), 'latin1')
    expect(withPayload(bytes)).toBe('malformed')
  })

  it.each(['iss', 'aud', 'exp', 'sub', 'jti'])('without %s are refused', (name) => {
    expect(check(signClaims({ [name]: undefined }))).toBe('claims')
    expect(check(signClaims({ [name]: null }))).toBe('claims')
  })

  it('that are required are the token\u2019s own', () => {
    expect(check(signClaims({}), { requiredClaims: ['toString'] })).toBe('claims')
    expect(check(signClaims({ sid: null }), { requiredClaims: ['sid'] })).toBe('claims')
    expect(check(signClaims({ sid: 's' }), { requiredClaims: ['sid'] })).toBe('accepted')
  })

  it.each<unknown>([
    'https://auth.example.com/',
    'HTTPS://auth.example.com',
    '',
    ['https://auth.example.com'],
    1,
  ])('of issuer %j are refused', (iss) => {
    expect(check(signClaims({ iss }))).toBe('claims')
  })

  it.each<unknown>([audience, [audience], ['other', audience]])(
    'for audience %j are accepted',
    (aud) => {
      expect(check(signClaims({ aud }))).toBe('accepted')
    },
  )

  it.each<unknown>([
    'other',
    `${audience}/`,
    `${audience} other`,
    [],
    ['other'],
    [[audience]],
    [audience, 1],
    [audience, null],
    { 0: audience, length: 1 },
    { [audience]: true },
    true,
    '*',
  ])('for audience %j are refused', (aud) => {
    expect(check(signClaims({ aud }))).toBe('claims')
  })

  const oddInstants = [
    '0.5',
    `${now + 900}.5`,
    '-1',
    '1e400',
    '1e20',
    '8640000000001',
    '"1"',
    'true',
    '[]',
    '{}',
  ]
  it.each(oddInstants)('whose instant is %s are refused', (text) => {
    for (const name of ['exp', 'nbf', 'iat']) {
      const { [name as 'exp']: _, ...others } = claims
      const payload = `${JSON.stringify(others).slice(0, -1)},"${name}":${text}}`
      expect(withPayload(payload)).toBe('claims')
    }
  })

  it.each(['sub', 'jti'])('whose %s is no text are refused', (name) => {
    expect(check(signClaims({ [name]: 1 }))).toBe('claims')
  })

  it('expire at exp plus leeway, to the second', () => {
    expect(check(signClaims({ exp: now - 59 }))).toBe('accepted')
    expect(check(signClaims({ exp: now - 60 }))).toBe('expired')
    expect(check(signClaims({ exp: now + 1 }), { leewaySeconds: 0 })).toBe('accepted')
    expect(check(signClaims({ exp: now }), { leewaySeconds: 0 })).toBe('expired')
  })

  it.each(['nbf', 'iat'])('begin at %s less leeway, to the second', (name) => {
    expect(check(signClaims({ [name]: now + 60 }))).toBe('accepted')
    expect(check(signClaims({ [name]: now + 61 }))).toBe('not_yet')
  })

  it('are not looked at before the signature', () => {
    const forger = generateSigningKey('EdDSA')
    const header = JSON.stringify(headerOf(signers.EdDSA))
    expect(check(signRaw(forger, header, '{"exp":1}'))).toBe('signature')
    expect(check(signRaw(forger, header, 'no json'))).toBe('signature')
  })
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
