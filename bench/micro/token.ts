import {
  createHmac,
  createSecretKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import type { SecurityOptions } from 'holdfast'
import { jwtVerify } from 'jose'
import { openHoldfast } from './holdfast.ts'
import type { Loop, Loops } from './main.ts'

type Algorithm = 'EdDSA' | 'ES256' | 'HS256'

const issuer = 'https://shop.example'
const count = 1_000

/** Verification of access tokens: remembered, seen for the first time, and by others. */
export const loops: Loops = {
  'sha256, no more': hashOnly,
  'remembered, in the pipeline': rememberedInPipeline,
  'remembered, tokens.verify': rememberedByCall,
  ...forEach((algorithm) => ({
    [`${algorithm} node:crypto`]: () => bare(algorithm),
    [`${algorithm} first sight`]: () => firstSight(algorithm),
    [`${algorithm} jose`]: () => withJose(algorithm),
  })),
}

function forEach(make: (algorithm: Algorithm) => Loops): Loops {
  return Object.assign({}, ...(['EdDSA', 'ES256', 'HS256'] as const).map(make)) as Loops
}

/** Gives the values one after the other, and again from the start. */
function inTurn<T>(values: readonly T[]): () => T {
  let at = 0
  return () => {
    at = (at + 1) % values.length
    return values[at] as T
  }
}

function hashOnly(): Loop {
  const next = inTurn(makeTokens('HS256').headers)
  return { run: () => hash('sha256', next().slice(7), 'base64url') }
}

async function rememberedInPipeline(): Promise<Loop> {
  const { close, mint, security } = await openHoldfast()
  const { authenticator } = security.parts.rooms
  const headers = mint(count).map((token) => `Bearer ${token}`)
  for (const header of headers) await authenticator.bearer(presented(header))
  const next = inTurn(headers)
  let allowed = 0
  return {
    run() {
      const one = presented(next())
      const outcome = authenticator.recallBearer(one)
      if (outcome !== undefined && 'sessionId' in outcome) allowed += 1
      return undefined
    },
    decisions: () => ({ token: { allowed } }),
    close,
  }
}

function presented(header: string) {
  return { token: header.slice(7), background: true }
}

async function rememberedByCall(): Promise<Loop> {
  const { close, mint, security } = await openHoldfast()
  const tokens = mint(count)
  for (const token of tokens) await security.tokens.verify(token)
  const next = inTurn(tokens)
  const forged = await security.tokens.verify(`${tokens[0]?.slice(0, -8)}AAAAAAAA`)
  let allowed = 0
  return {
    async run() {
      if ((await security.tokens.verify(next())).ok) allowed += 1
    },
    decisions: () => ({ token: { allowed, refused: Number(!forged.ok) } }),
    close,
  }
}

/** Signature, issuer, audience, type, times, and putting it into memory. */
async function firstSight(algorithm: Algorithm): Promise<Loop> {
  const secret = randomBytes(32).toString('base64url')
  const hs256Key = { id: 'shared-1', secret }
  const tokens: SecurityOptions['tokens'] =
    algorithm === 'HS256' ? { algorithm, hs256Key } : { algorithm }
  const { close, mint, security } = await openHoldfast({ tokens })
  const next = inTurn(mint(count))
  const verifier = security.parts.rooms.tokens
  const refused = Number('code' in verifier.verify(`${next().slice(0, -8)}AAAAAAAA`))
  let allowed = 0
  return {
    run() {
      if ('sessionId' in verifier.verify(next())) allowed += 1
      return undefined
    },
    decisions: () => ({ signature: { allowed, refused } }),
    close,
  }
}

/** What a verifier cannot do without: cut, decode, parse, verify. */
function bare(algorithm: Algorithm): Loop {
  const { headers, key, secret } = makeTokens(algorithm)
  const next = inTurn(headers)
  let allowed = 0
  return {
    run() {
      const token = next().slice(7)
      const [header = '', payload = '', signature = ''] = token.split('.')
      JSON.parse(Buffer.from(header, 'base64url').toString())
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number }
      const signed = Buffer.from(token.slice(0, header.length + payload.length + 1))
      const given = Buffer.from(signature, 'base64url')
      const good =
        algorithm === 'HS256'
          ? timingSafeEqual(createHmac('sha256', secret).update(signed).digest(), given)
          : verify(...verifyArguments(algorithm, { signed, key, given }))
      if (good && claims.exp * 1_000 > Date.now()) allowed += 1
      return undefined
    },
    decisions: () => ({ signature: { allowed } }),
  }
}

interface Verifying {
  readonly signed: Buffer
  readonly key: KeyObject
  readonly given: Buffer
}

function verifyArguments(algorithm: Algorithm, { given, key, signed }: Verifying) {
  const by = { key, dsaEncoding: 'ieee-p1363' } as const
  return [algorithm === 'ES256' ? 'sha256' : null, signed, by, given] as const
}

function withJose(algorithm: Algorithm): Loop {
  const { headers, key, secret } = makeTokens(algorithm)
  const next = inTurn(headers)
  const by = algorithm === 'HS256' ? secret : key
  const expected = { issuer, audience: issuer, typ: 'at+jwt', algorithms: [algorithm] }
  let allowed = 0
  return {
    async run() {
      await jwtVerify(next().slice(7), by, expected)
      allowed += 1
    },
    decisions: () => ({ signature: { allowed } }),
  }
}

/** Tokens of the same claims and length as ours, as `Authorization` carries them. */
function makeTokens(algorithm: Algorithm) {
  const { privateKey, publicKey } =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('ed25519')
  const secret = createSecretKey(randomBytes(32))
  const headers = Array.from({ length: count }, () => {
    const header = { alg: algorithm, typ: 'at+jwt', kid: randomBytes(16).toString('base64url') }
    const signed = `${encode(header)}.${encode(claims())}`
    const signature =
      algorithm === 'HS256'
        ? createHmac('sha256', secret).update(signed).digest()
        : sign(...signArguments(algorithm, signed, privateKey))
    return `Bearer ${signed}.${signature.toString('base64url')}`
  })
  return { headers, key: publicKey, secret }
}

function signArguments(algorithm: Algorithm, signed: string, key: KeyObject) {
  const by = { key, dsaEncoding: 'ieee-p1363' } as const
  return [algorithm === 'ES256' ? 'sha256' : null, Buffer.from(signed), by] as const
}

function claims() {
  const now = Math.floor(Date.now() / 1_000)
  return {
    iss: issuer,
    aud: issuer,
    sub: '0199d5f0-7c3a-7a55-8b1e-3c5b2f6d7e10',
    sid: '0199d5f0-7c3a-7a55-8b1e-3c5b2f6d7e11',
    client_id: issuer,
    jti: randomBytes(32).toString('base64url'),
    iat: now,
    exp: now + 900,
    auth_time: now,
    amr: ['pwd'],
    acr: 'urn:holdfast:aal1',
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
