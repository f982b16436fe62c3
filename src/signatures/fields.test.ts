import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import express from 'express'
import fc from 'fast-check'
import { CompactEncrypt, importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBench } from '../../test/adapters/bench.ts'
import { type Listening, listen } from '../../test/adapters/site.ts'
import type { EncryptionJwk } from './encryption-keys.ts'
import { openField, readJwe } from './jwe.ts'

const bench = openBench({ detection: { mode: 'block' } })
const path = '/.well-known/holdfast-encryption-jwks.json'
let site: Listening
beforeAll(async () => {
  const { security } = bench.kit
  const app = security.protect(express())
  const fields = security.encryptedFields(['taxId', 'bank/iban'], { context: 'clients' })
  app.post('/clients', security.authenticate, fields, (request, response) => {
    response.json(request.body)
  })
  app.post('/open', security.open(), fields, (request, response) => {
    response.json(request.body)
  })
  app.post('/plain', security.authenticate, (request, response) => {
    response.json(request.body)
  })
  site = await listen(app)
})
afterAll(() => site.stop())

const keys = async () => (await site.fetch(path)).json?.keys as EncryptionJwk[]
const keyOf = async (crv: string) => {
  const found = (await keys()).find((key) => key.crv === crv)
  if (!found) throw new Error(`there is no key on ${crv}`)
  return found
}

interface Sealing {
  readonly crv?: string
  readonly aud?: string
  readonly sub?: string
  /** How long ago it was encrypted. */
  readonly ageSeconds?: number
  readonly header?: Record<string, unknown>
  readonly key?: EncryptionJwk
}

/** As a browser does it, with a library that is not ours. */
async function encrypt(text: string, sealing: Sealing = {}): Promise<string> {
  const { ageSeconds = 0, aud = 'clients/taxId', crv = 'P-256', header = {} } = sealing
  const { sub = bench.user.userId } = sealing
  const iat = Math.floor(bench.kit.clock.now() / 1_000) - ageSeconds
  const key = sealing.key ?? (await keyOf(crv))
  const named = { alg: 'ECDH-ES', enc: 'A256GCM', kid: key.kid, aud, sub, iat, ...header }
  return new CompactEncrypt(Buffer.from(text))
    .setProtectedHeader(named)
    .encrypt(await importJWK({ ...key }, named.alg))
}

const decrypt = (jwe: unknown, context = 'clients/taxId') =>
  bench.kit.security.fields.decrypt(jwe, { context, subject: bench.user.userId })
const refused = { code: 'field_encryption_invalid' }

describe('an encrypted field', () => {
  it.each([
    ['P-256', 'ECDH-ES'],
    ['P-256', 'ECDH-ES+A256KW'],
    ['X25519', 'ECDH-ES'],
    ['X25519', 'ECDH-ES+A256KW'],
  ])('opens: %s with %s', async (crv, alg) => {
    for (const text of ['12-345', '', 'Grüße, O’Brien']) {
      expect(await decrypt(await encrypt(text, { crv, header: { alg } }))).toBe(text)
    }
  })

  it('opens for the place that it was encrypted for, and for no other', async () => {
    await expect(decrypt(await encrypt('x'), 'clients/iban')).rejects.toMatchObject(refused)
    await expect(decrypt(await encrypt('x', { aud: 'x' }))).rejects.toMatchObject(refused)
  })

  it('opens for the account that encrypted it, and for no other', async () => {
    const jwe = await encrypt('x')
    const { fields } = bench.kit.security
    for (const subject of [bench.manager.userId, '']) {
      const place = { context: 'clients/taxId', subject }
      await expect(fields.decrypt(jwe, place)).rejects.toMatchObject(refused)
      const anybodys = await encrypt('x', { sub: '' })
      await expect(fields.decrypt(anybodys, place)).rejects.toMatchObject(refused)
    }
    expect(await decrypt(jwe)).toBe('x')
  })

  it('opens for five minutes, from a clock that may be as far ahead as behind, and once all the same', async () => {
    expect(await decrypt(await encrypt('x', { ageSeconds: 299 }))).toBe('x')
    const ahead = await encrypt('x', { ageSeconds: -299 })
    expect(await decrypt(ahead)).toBe('x')
    await expect(decrypt(ahead)).rejects.toMatchObject(refused)
    for (const ageSeconds of [301, 86_400, -301]) {
      const jwe = await encrypt('x', { ageSeconds })
      await expect(decrypt(jwe)).rejects.toMatchObject(refused)
    }
  })

  it('opens once, however many ask', async () => {
    const jwe = await encrypt('x')
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => decrypt(jwe)))
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(decrypt(jwe)).rejects.toMatchObject(refused)
  })

  it.each([
    ['no subject', { sub: undefined }],
    ['a subject that is no text', { sub: 7 }],
    ['no moment', { iat: undefined }],
    ['a moment in words', { iat: 'now' }],
    ['a part of a second', { iat: 0.5 }],
    ['another cipher', { enc: 'A128GCM' }],
    ['CBC', { enc: 'A256CBC-HS512' }],
    ['a weaker wrap', { alg: 'ECDH-ES+A128KW' }],
    ['a type', { typ: 'JWE' }],
    ['critical extensions', { crit: [] }],
    ['an unknown key', { kid: 'nobody' }],
  ])('made with %s does not open', async (_what, header) => {
    const jwe = await encrypt('x', { header }).catch(() => 'not made')
    await expect(decrypt(jwe)).rejects.toMatchObject(refused)
  })

  it('with a changed part does not open, and every cause has one answer', async () => {
    const jwe = await encrypt('x', { header: { alg: 'ECDH-ES+A256KW' } })
    const parts = jwe.split('.')
    for (const at of parts.keys()) {
      const changed = parts.map((part, n) => (n === at ? flip(part) : part)).join('.')
      await expect(decrypt(changed)).rejects.toMatchObject(refused)
    }
    const header = { zip: 'DEF', alg: 'ECDH-ES', p2c: 1e9 }
    const forged = [Buffer.from(JSON.stringify(header)).toString('base64url'), '', 'a', 'a', 'a']
    for (const bad of [forged.join('.'), '', 'a.b', null, 5, {}, `${jwe}.`, 'a'.repeat(200_000)]) {
      await expect(decrypt(bad)).rejects.toMatchObject(refused)
    }
  })

  it('of any text never throws anything else', async () => {
    const jwe = await encrypt('x')
    const pieces = fc.constantFrom(...jwe.split('.'), '', 'AA', '.', 'e30')
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 6 }), async (parts) => {
        const text = parts.join('.')
        if (text === jwe) return
        await expect(decrypt(text)).rejects.toMatchObject(refused)
      }),
    )
  })

  it('with a point off the curve or of small order does not open', async () => {
    const own = generateKeyPairSync('x25519').privateKey
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const sealed = readJwe(await encrypt('x', { crv: 'X25519' }))
    if (!sealed) throw new Error('it can be read')
    const open = (point: Record<string, string>, key: KeyObject, curve: 'P-256' | 'X25519') =>
      openField({ ...sealed, point: point as never }, { curve, key })
    const zero = Buffer.alloc(32).toString('base64url')
    expect(open({ kty: 'OKP', crv: 'X25519', x: zero }, own, 'X25519')).toBeUndefined()
    expect(open({ kty: 'EC', crv: 'P-256', x: zero, y: zero }, ec, 'P-256')).toBeUndefined()
    expect(open({ kty: 'OKP', crv: 'X25519', x: zero }, ec, 'P-256')).toBeUndefined()
  })
})

describe('encryptedFields', () => {
  const post = (body: unknown, by: { readonly bearer: object } = bench.user) =>
    site.fetch('/clients', {
      ...{ method: 'POST', body: JSON.stringify(body) },
      headers: { 'content-type': 'application/json', ...by.bearer },
    })

  it('opens nothing for whoever has found a ciphertext, signed in or not', async () => {
    const taxId = await encrypt('12')
    expect((await post({ taxId }, bench.manager)).json?.code).toBe('field_encryption_invalid')
    const stranger = await site.fetch('/open', {
      ...{ method: 'POST', body: JSON.stringify({ taxId }) },
      headers: { 'content-type': 'application/json' },
    })
    expect([stranger.status, stranger.json?.code]).toEqual([401, 'authentication_required'])
    expect((await post({ taxId })).json).toEqual({ taxId: '12' })
    expect((await post({ taxId })).json?.code).toBe('field_encryption_invalid')
  })

  it('judges what comes out as what comes in plainly', async () => {
    const attack = '$' + '{jndi:ldap://a.example/x}'
    for (const text of ['a\0b', attack]) {
      const plain = await site.fetch('/plain', {
        ...{ method: 'POST', body: JSON.stringify({ taxId: text }) },
        headers: { 'content-type': 'application/json', ...bench.user.bearer },
      })
      const sealed = await post({ taxId: await encrypt(text) })
      expect([text, plain.status]).toEqual([text, text === attack ? 403 : 400])
      expect([sealed.status, sealed.json?.code]).toEqual([plain.status, plain.json?.code])
    }
    const long = await post({ taxId: await encrypt('a\0b') })
    expect(long.json?.errors).toMatchObject([{ pointer: '#/body/taxId' }])
  })

  it('asks of a text that came out of a form what a form is asked', async () => {
    const send = (path: string, taxId: string) =>
      site.fetch(path, {
        ...{ method: 'POST', body: `taxId=${encodeURIComponent(taxId)}` },
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...bench.user.bearer },
      })
    const attack = '<script>alert(1)</script>'
    const sealed = await send('/clients', await encrypt(attack))
    expect([(await send('/plain', attack)).status, sealed.status]).toEqual([403, 403])
    expect((await send('/clients', await encrypt('12-345'))).json).toEqual({ taxId: '12-345' })
    expect((await post({ taxId: await encrypt(attack) })).json).toEqual({ taxId: attack })
  })

  it('puts the text in place before the handler', async () => {
    const [taxId, iban] = [await encrypt('12'), await encrypt('AT1', { aud: 'clients/bank/iban' })]
    const { json } = await post({ name: 'A', taxId, bank: { iban } })
    expect(json).toEqual({ name: 'A', taxId: '12', bank: { iban: 'AT1' } })
    expect((await post({ name: 'A' })).json).toEqual({ name: 'A' })
  })

  it('refuses plain text, and what was encrypted for another field, at its pointer', async () => {
    const other = await encrypt('AT1', { aud: 'clients/taxId' })
    for (const iban of ['AT1', other, null, 7, {}]) {
      const { json, status } = await post({ bank: { iban } })
      expect([status, json?.code]).toEqual([400, 'field_encryption_invalid'])
      expect(json?.errors).toMatchObject([{ pointer: '#/body/bank/iban' }])
    }
  })

  it.each([
    [['a b'], 'x'],
    [['__proto__'], 'x'],
    [['a'], ''],
  ])('names that cannot be throw where the route is written: %o', (names, context) => {
    expect(() => bench.kit.security.encryptedFields(names, { context })).toThrow(/encryptedFields/)
  })
})

describe('keys of encryption', () => {
  it('are public halves alone, one a curve, made once however many ask', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, keys))
    const [first] = all
    expect(all.every((one) => JSON.stringify(one) === JSON.stringify(first))).toBe(true)
    expect(first?.map((key) => Object.keys(key).sort())).toEqual([
      ['crv', 'kid', 'kty', 'use', 'x', 'y'],
      ['crv', 'kid', 'kty', 'use', 'x'],
    ])
    expect(
      await bench.kit.security.parts.ground.database.reader
        .selectFrom('hf_encryption_keys')
        .selectAll()
        .execute(),
    ).toHaveLength(2)
  })

  it('lie sealed in the database', async () => {
    const { database } = bench.kit.security.parts.ground
    const rows = await database.reader.selectFrom('hf_encryption_keys').selectAll().execute()
    for (const row of rows) {
      expect(row.sealed_private).toMatch(/^hf1\./)
      expect(() => createPrivateKey(row.sealed_private)).toThrow()
    }
  })

  it('of before open for a week after a rotation, and are destroyed', async () => {
    const old = await keyOf('P-256')
    bench.kit.clock.advance(1_000)
    await bench.kit.security.fields.rotate()
    bench.kit.clock.advance(1_000)
    expect((await bench.kit.security.fields.publicKeys())[0]?.kid).not.toBe(old.kid)
    bench.kit.clock.advance(6 * 24 * 60 * 60_000)
    expect(await decrypt(await encrypt('x', { key: old }))).toBe('x')
    bench.kit.clock.advance(2 * 24 * 60 * 60_000)
    const late = await encrypt('x', { key: old })
    await expect(decrypt(late)).rejects.toMatchObject(refused)
    await bench.kit.security.parts.rooms.encryptionKeys.rotateIfDue()
    const { database } = bench.kit.security.parts.ground
    const rows = await database.reader.selectFrom('hf_encryption_keys').selectAll().execute()
    expect(rows.map(({ id }) => id)).not.toContain(old.kid)
  })
})

function flip(part: string): string {
  if (part === '') return 'AA'
  const bytes = Buffer.from(part, 'base64url')
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  return bytes.toString('base64url')
}
