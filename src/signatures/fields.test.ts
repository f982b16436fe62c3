import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import express from 'express'
import fc from 'fast-check'
import { CompactEncrypt, importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBench } from '../../test/adapters/bench.ts'
import { type Listening, listen } from '../../test/adapters/site.ts'
import type { EncryptionJwk } from './encryption-keys.ts'
import { openField, readJwe } from './jwe.ts'

const bench = openBench()
const path = '/.well-known/holdfast-encryption-jwks.json'
let site: Listening
beforeAll(async () => {
  const { security } = bench.kit
  const app = security.protect(express())
  const fields = security.encryptedFields(['taxId', 'bank/iban'], { context: 'clients' })
  app.post('/clients', security.open(), fields, (request, response) => {
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
  readonly header?: Record<string, unknown>
  readonly key?: EncryptionJwk
}

/** As a browser does it, with a library that is not ours. */
async function encrypt(text: string, sealing: Sealing = {}): Promise<string> {
  const { aud = 'clients/taxId', crv = 'P-256', header = {} } = sealing
  const key = sealing.key ?? (await keyOf(crv))
  const named = { alg: 'ECDH-ES', enc: 'A256GCM', kid: key.kid, aud, ...header }
  return new CompactEncrypt(Buffer.from(text))
    .setProtectedHeader(named)
    .encrypt(await importJWK({ ...key }, named.alg))
}

const decrypt = (jwe: unknown, context = 'clients/taxId') =>
  bench.kit.security.fields.decrypt(jwe, { context })
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

  it.each([
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
  const post = (body: unknown) =>
    site.fetch('/clients', {
      ...{ method: 'POST', body: JSON.stringify(body) },
      headers: { 'content-type': 'application/json' },
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
    const jwe = await encrypt('x')
    bench.kit.clock.advance(1_000)
    await bench.kit.security.fields.rotate()
    bench.kit.clock.advance(1_000)
    expect((await bench.kit.security.fields.publicKeys())[0]?.kid).not.toBe(old.kid)
    bench.kit.clock.advance(6 * 24 * 60 * 60_000)
    expect(await decrypt(jwe)).toBe('x')
    bench.kit.clock.advance(2 * 24 * 60 * 60_000)
    await expect(decrypt(jwe)).rejects.toMatchObject(refused)
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
