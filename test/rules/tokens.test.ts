import { execFile } from 'node:child_process'
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import axios from 'axios'
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { goodPassword, type ServedApp, serveApp } from '../served-app.ts'

const issuer = 'http://localhost:3000'
let app: ServedApp
let accessToken = ''
let email = ''

beforeAll(async () => {
  // Real time: jose looks at the machine's clock.
  app = await serveApp({ clock: (await import('../../src/ports/index.ts')).systemClock })
  email = 'token@example.com'
  await app.person(email, ['manager'])
  accessToken = (await app.signIn(email)).accessToken
})
afterAll(() => app.stop())

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const parts = () => accessToken.split('.') as [string, string, string]

describe('outside users', () => {
  test('jose verifies our tokens with nothing but the key set', async () => {
    const keys = createRemoteJWKSet(new URL(`${app.base}/.well-known/jwks.json`))
    const { payload, protectedHeader } = await jwtVerify(accessToken, keys, {
      issuer,
      audience: issuer,
      typ: 'at+jwt',
      algorithms: ['EdDSA'],
      requiredClaims: ['sub', 'sid', 'jti', 'iat', 'exp', 'auth_time', 'amr', 'acr'],
    })
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt' })
    expect(payload.exp).toBe((payload.iat ?? 0) + 900)
  })

  test('the metadata leads to the key set, and the key set holds public members only', async () => {
    const metadata = await app.request('GET', '/.well-known/openid-configuration')
    expect(metadata.json).toMatchObject({ issuer, jwks_uri: `${issuer}/.well-known/jwks.json` })
    const { keys } = (await app.request('GET', '/.well-known/jwks.json')).json
    for (const key of keys)
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
  })

  test('axios walks sign-in, a guarded route, refresh and logout', async () => {
    const http = axios.create({ baseURL: app.base, validateStatus: () => true })
    const login = await http.post('/auth/login', {
      identifier: email,
      password: goodPassword,
      transport: 'body',
    })
    expect(login.data.status).toBe('signed_in')
    http.defaults.headers.common.authorization = `Bearer ${login.data.accessToken}`
    expect((await http.get('/api/orders')).status).toBe(200)
    const refreshed = await http.post('/auth/refresh', { refreshToken: login.data.refreshToken })
    http.defaults.headers.common.authorization = `Bearer ${refreshed.data.accessToken}`
    expect((await http.post('/auth/logout')).status).toBe(204)
    expect((await http.get('/auth/me')).data.code).toBe('session_revoked')
  })

  test('curl keeps a browser session in its cookie jar', async () => {
    const curl = promisify(execFile)
    const url = app.base.replace('127.0.0.1', 'localhost')
    const jar = ['-s', '-b', '', '-c', '-']
    const body = JSON.stringify({ email, password: goodPassword, transport: 'session' })
    const json = ['-H', 'content-type: application/json', '-d', body]
    const { stdout } = await curl('curl', [
      ...jar,
      ...json,
      `${url}/auth/login`,
      '--next',
      '-s',
      `${url}/auth/me`,
    ])
    expect(stdout).toContain('"status":"signed_in"')
    expect(stdout).toContain(`"email":"${email}"`)
    expect(stdout).toContain('#HttpOnly_localhost')
  })
})

describe('rule 17: only our own access tokens are accepted', () => {
  const attempt = (token: string) => app.request('GET', '/api/orders', { token })
  const other = generateKeyPairSync('ed25519')
  const forge = (header: object, claims: object, key = other.privateKey) => {
    const signed = `${encode(header)}.${encode(claims)}`
    return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`
  }

  test('the genuine one is', async () => {
    expect((await attempt(accessToken)).status).toBe(200)
  })

  test('none of these is, and none makes us connect anywhere', async () => {
    let connections = 0
    const trap = createServer((_request, response) => void response.end('{}'))
    trap.on('connection', () => void connections++)
    trap.listen(0, '127.0.0.1')
    await once(trap, 'listening')
    const trapUrl = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/jwks.json`
    const header = decodeProtectedHeader(accessToken)
    const claims = decodeJwt(accessToken)
    const [h, p, s] = parts()
    const jwk = other.publicKey.export({ format: 'jwk' })
    const { keys } = (await app.request('GET', '/.well-known/jwks.json')).json
    const publicPem = createPublicKey({ key: keys[0], format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    })
    const hs = `${encode({ ...header, alg: 'HS256' })}.${p}`
    const forged: Record<string, string> = {
      'alg none': `${encode({ ...header, alg: 'none' })}.${p}.`,
      'alg None': `${encode({ ...header, alg: 'None' })}.${p}.`,
      'no signature': `${h}.${p}.`,
      'another key': forge(header, claims),
      'jwk in the header': forge({ ...header, jwk }, claims),
      'jku in the header': forge({ ...header, jku: trapUrl }, claims),
      'x5u in the header': forge({ ...header, x5u: trapUrl }, claims),
      'kid as a path': forge({ ...header, kid: '../../dev/null' }, claims),
      'kid as a url': forge({ ...header, kid: trapUrl }, claims),
      crit: forge({ ...header, crit: ['exp'] }, claims),
      'public key as HMAC secret': `${hs}.${createHmac('sha256', publicPem).update(hs).digest('base64url')}`,
      'longer life': `${h}.${encode({ ...claims, exp: (claims.exp ?? 0) + 9_999 })}.${s}`,
      'padded signature': `${h}.${p}.${s}==`,
      'white space': `${h}.${p}.${s}%20`,
      'four parts': `${accessToken}.x`,
      'two parts': `${h}.${p}`,
      empty: '..',
    }
    for (const [name, token] of Object.entries(forged)) {
      const reply = await attempt(token)
      expect({ name, status: reply.status, code: reply.json.code }).toEqual({
        name,
        status: 401,
        code: 'token_invalid',
      })
      expect(reply.headers.get('www-authenticate')).toContain('invalid_token')
    }
    trap.close()
    expect(connections).toBe(0)
  })

  test('a token of our own key but another type, audience or issuer is refused', async () => {
    const { signJwt } = await import('../../src/crypto/index.ts')
    const key = app.security.parts.rooms.keys.current()
    const claims = decodeJwt(accessToken)
    const good = { ...claims, iss: issuer, aud: issuer, exp: claims.exp ?? 0 }
    expect((await attempt(signJwt(key, { typ: 'at+jwt', claims: good }))).status).toBe(200)
    const bad = {
      type: signJwt(key, { typ: 'JWT', claims: good }),
      'no type': signJwt(key, { typ: '', claims: good }),
      audience: signJwt(key, { typ: 'at+jwt', claims: { ...good, aud: 'https://other.example' } }),
      issuer: signJwt(key, { typ: 'at+jwt', claims: { ...good, iss: 'https://other.example' } }),
      'no session': signJwt(key, { typ: 'at+jwt', claims: { ...good, sid: undefined } }),
      'session of nobody': signJwt(key, { typ: 'at+jwt', claims: { ...good, sid: 'x' } }),
      'subject of another': signJwt(key, { typ: 'at+jwt', claims: { ...good, sub: 'x' } }),
    }
    for (const [name, token] of Object.entries(bad)) {
      expect({ name, status: (await attempt(token)).status }).toEqual({ name, status: 401 })
    }
  })

  test('a refresh token, a session cookie or a link is no access token, and the reverse', async () => {
    const { refreshToken } = await app.signIn(email)
    expect((await attempt(refreshToken)).json.code).toBe('token_invalid')
    const cookie = await app.request('GET', '/auth/me', {
      cookie: `__Host-hf_session=${refreshToken}`,
    })
    expect(cookie.json.code).toBe('token_invalid')
    const link = await app.request('POST', '/auth/verify-email', { body: { token: refreshToken } })
    expect(link.json.code).toBe('link_invalid')
  })

  test('a malformed Authorization header is refused, never read as nobody', async () => {
    for (const value of [
      'Bearer',
      'Bearer ',
      'Basic YTpi',
      `Bearer ${accessToken} x`,
      `Bearer\t${accessToken}`,
      'Bearer é',
    ]) {
      const reply = await app.request('GET', '/api/orders', {
        headers: { authorization: encodeURI(value) },
      })
      expect(reply.status).toBe(401)
    }
  })
})

describe('T5: keys rotate with overlap', () => {
  test('a new key is published before it signs, and the old one verifies until its tokens end', async () => {
    const held = await serveApp()
    await held.person(email, ['manager'])
    const before = await held.signIn(email)
    const { keys } = held.security.parts.rooms
    const first = keys.current().kid
    await keys.rotate()
    expect(keys.published).toHaveLength(2)
    expect(keys.current().kid).toBe(first)
    await held.advance(10 * 60_000)
    expect(keys.current().kid).not.toBe(first)
    expect((await held.request('GET', '/auth/me', { token: before.accessToken })).status).toBe(200)
    await held.advance(17 * 60_000)
    await keys.rotateIfDue()
    expect(keys.published).toHaveLength(1)
    await held.stop()
  })

  test('keys lie sealed in the database', async () => {
    const rows = await app.security.parts.ground.database.reader
      .selectFrom('hf_signing_keys')
      .selectAll()
      .execute()
    for (const row of rows) {
      expect(row.sealed_private).toMatch(/^hf1\./)
      expect(JSON.parse(row.public_jwk)).not.toHaveProperty('d')
    }
  })

  test('ES256 and a named HS256 key work, and the shared key is never published', async () => {
    for (const tokens of [
      { algorithm: 'ES256' },
      {
        algorithm: 'HS256',
        hs256Key: {
          id: 'shared-1',
          secret: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex'),
        },
      },
    ] as const) {
      const held = await serveApp({ tokens })
      await held.person(email, ['manager'])
      const { accessToken: token } = await held.signIn(email)
      expect(decodeProtectedHeader(token).alg).toBe(tokens.algorithm)
      expect((await held.request('GET', '/api/orders', { token })).status).toBe(200)
      const published = (await held.request('GET', '/.well-known/jwks.json')).json.keys
      expect(published).toHaveLength(tokens.algorithm === 'ES256' ? 1 : 0)
      await held.stop()
    }
  })
})
