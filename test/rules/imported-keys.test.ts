import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newKey } from '../../src/api-keys/format.ts'
import type { ImportRefusal } from '../../src/imports/index.ts'
import { systemRandom } from '../../src/ports/index.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { openSite, type Site } from './identity-kit.ts'

const hour = 60 * 60 * 1000

/** What another system keeps of a key: its hash. */
const sha256 = (key: string) => createHash('sha256').update(key).digest('hex')

describeEngines('row A8: an imported API key', (engine) => {
  let fresh: FreshDatabase
  let site: Site
  let capped: Site
  let people = 0
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    site = await openSite({ captcha: 'none', database: fresh.url })
    const apiKeys = { maxPerOwner: 2, maxLifetime: '30d' } as const
    capped = await openSite({ captcha: 'none', apiKeys })
  })
  afterAll(async () => {
    await capped?.close()
    await site?.close()
    await fresh?.drop()
  })

  const person = (more: object = {}) => ({
    ...{ email: `p${++people}@example.com`, emailVerified: true, roles: ['user', 'manager'] },
    ...more,
  })
  const keyOf = (key: string, more: object = {}) => ({
    ...{ name: 'old export', sha256: sha256(key), scopes: ['read:orders'] },
    ...more,
  })
  const load = async (
    lines: readonly object[],
    { dryRun = false, on = site }: { dryRun?: boolean; on?: Site } = {},
  ) => {
    const refusals: ImportRefusal[] = []
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    const onRefused = (one: ImportRefusal) => void refusals.push(one)
    const sum = await on.security.imports.run([Buffer.from(text)], { dryRun, onRefused })
    return { sum, refusals }
  }
  /** Imports an account with keys, and says who it is. */
  const bring = async (...apiKeys: readonly object[]) => {
    const line = person({ apiKeys })
    const { refusals } = await load([line])
    expect(refusals).toEqual([])
    return String((await site.security.users.find(line.email))?.id)
  }
  const codeOf = async (key: string, path = '/api/orders') => {
    const { json, status } = await site.get(path, { 'x-api-key': key })
    return status === 200 ? 'passes' : json.code
  }

  test.each([
    ['letters of any kind', `sk_live_${engine}_51Hx.Zz/+=~`],
    ['a beginning like ours', `hf_${engine}AbCdEfGhIjKlMnOpQrStUvWxYz`],
    ['hexadecimal digits in capitals', `ABCDEF${engine}`],
  ])('of %s goes on as its program knows it', async (_what, key) => {
    const id = await bring({ ...keyOf(key), sha256: sha256(key).toUpperCase() })
    expect((await site.get('/api/orders', { 'x-api-key': key })).json.auth).toMatchObject({
      ...{ userId: id, roles: [], sessionId: '', permissions: ['read:orders'] },
    })
    expect(await codeOf(`${key}x`)).toBe('api_key_invalid')
    expect(await codeOf(sha256(key))).toBe('api_key_invalid')
    expect(await codeOf(key, '/api/users')).toBe('forbidden')
    const [view] = await site.security.apiKeys.list(id)
    expect(view).toMatchObject({ name: 'old export', scopes: ['read:orders'], expiresAt: null })
    expect(view?.id).toMatch(/^[0-9A-Za-z]{16}$/)
  })

  test('of the very form of ours goes on as well, and opens nothing that is ours', async () => {
    const { key } = newKey('live', systemRandom)
    await bring(keyOf(key))
    expect(await codeOf(key)).toBe('passes')
    const { key: other } = newKey('live', systemRandom)
    expect(await codeOf(other)).toBe('api_key_invalid')
    const secret = other.slice(-38, -6)
    await bring({ ...keyOf(other), sha256: sha256(secret) })
    expect(await codeOf(other)).toBe('api_key_invalid')
  })

  test('ends with its time, and one that had ended already stays ended', async () => {
    const [short, long, over] = [`short-${engine}`, `long-${engine}`, `over-${engine}`]
    const now = site.clock.now()
    await bring(
      keyOf(short, { expiresAt: now + hour }),
      keyOf(long, { expiresAt: now + 2 * hour }),
      keyOf(over, { expiresAt: now - 1 }),
    )
    expect([await codeOf(short), await codeOf(long), await codeOf(over)]).toEqual([
      ...['passes', 'passes', 'api_key_invalid'],
    ])
    site.clock.jump(hour)
    expect([await codeOf(short), await codeOf(long)]).toEqual(['api_key_invalid', 'passes'])
  })

  test('stops with its owner, with what its owner loses, and when it is revoked', async () => {
    const key = `owner-${engine}`
    const id = await bring(keyOf(key))
    const { apiKeys, users } = site.security
    expect(await codeOf(key)).toBe('passes')
    await users.disable(id)
    expect(await codeOf(key)).toBe('api_key_invalid')
    await users.enable(id)
    expect(await codeOf(key)).toBe('passes')
    await users.withdrawRole(id, 'manager')
    expect(await codeOf(key)).toBe('forbidden')
    await users.grantRole(id, 'manager')
    expect(await codeOf(key)).toBe('passes')
    const [view] = await apiKeys.list(id)
    await expect(apiKeys.rotate(view?.id ?? '')).rejects.toMatchObject({
      code: 'api_key_not_rotatable',
    })
    await apiKeys.revoke(view?.id ?? '')
    expect(await codeOf(key)).toBe('api_key_invalid')
  })

  test('of an account that comes disabled works from the day it is enabled', async () => {
    const key = `asleep-${engine}`
    const line = person({ disabled: true, apiKeys: [keyOf(key)] })
    expect((await load([line])).refusals).toEqual([])
    expect(await codeOf(key)).toBe('api_key_invalid')
    await site.security.users.enable(line.email)
    expect(await codeOf(key)).toBe('passes')
  })

  test('comes with a record that holds its scopes and nothing that opens, and with no mail', async () => {
    const key = `record-${engine}`
    const id = await bring(keyOf(key))
    await site.deliverMail()
    const { audit } = site.security.parts.ground
    const records = await audit.find({ action: 'api_key.imported', limit: 500 })
    const one = records.find((record) => JSON.stringify(record).includes(id))
    expect(JSON.stringify(one)).toContain('read:orders')
    expect(JSON.stringify(records)).not.toContain(sha256(key))
    expect(site.mailbox.list()).toEqual([])
  })

  test('that cannot be taken over keeps its whole account out, and says why', async () => {
    const taken = `taken-${engine}`
    await bring(keyOf(taken))
    const one = (key: object) => person({ apiKeys: [keyOf(`new-${engine}`), key] })
    const fresh = (more: object) => one(keyOf(`other-${engine}`, more))
    const cases: readonly (readonly [object, string, string | undefined])[] = [
      [fresh({ scopes: ['read:orders', 'write:orders'] }), 'scope_outranks_owner', '1/scopes/1'],
      [fresh({ scopes: ['*'] }), 'scope_outranks_owner', '1/scopes/0'],
      [fresh({ scopes: ['read:security:users'] }), 'scope_outranks_owner', '1/scopes/0'],
      [fresh({ scopes: ['everything at once'] }), 'field_invalid', '1/scopes/0'],
      [fresh({ scopes: [] }), 'field_invalid', '1/scopes'],
      [fresh({ scopes: undefined }), 'field_invalid', '1/scopes'],
      [fresh({ name: ' ' }), 'field_invalid', '1/name'],
      [fresh({ name: 'a\nb' }), 'field_invalid', '1/name'],
      [fresh({ sha256: sha256('x').slice(1) }), 'field_invalid', '1/sha256'],
      [fresh({ sha256: Buffer.alloc(32).toString('base64url') }), 'field_invalid', '1/sha256'],
      [fresh({ expiresAt: 1_900_000_000 }), 'field_invalid', '1/expiresAt'],
      [fresh({ key: 'in clear' }), 'unknown_field', '1/key'],
      [one(keyOf(`new-${engine}`)), 'field_invalid', undefined],
      [one(keyOf(taken)), 'key_exists', 'none'],
      [
        { ...fresh({}), emailVerified: false, roles: ['user'] },
        'keys_need_verified_email',
        undefined,
      ],
      [{ ...fresh({}), roles: ['user'] }, 'scope_outranks_owner', '0/scopes/0'],
    ]
    const lines = cases.map(([line]) => line)
    const expected = cases.map(([, code, path], at) => {
      const field = path === undefined ? 'apiKeys' : `apiKeys/${path}`
      return { line: at + 1, code, ...(path === 'none' ? {} : { field }) }
    })
    for (const dryRun of [true, false]) {
      const { refusals, sum } = await load(lines, { dryRun })
      expect(refusals.map(({ detail: _detail, ...rest }) => rest)).toEqual(expected)
      expect(sum).toMatchObject({ imported: 0, refused: cases.length })
      const text = JSON.stringify(refusals)
      for (const secret of ['in clear', 'everything at once', sha256(taken), sha256('x')]) {
        expect(text).not.toContain(secret)
      }
    }
    expect(await codeOf(`new-${engine}`)).toBe('api_key_invalid')
  })

  test('stands in one line of a file, and is not imported twice', async () => {
    const shared = keyOf(`twice-${engine}`)
    const [first, second] = [person({ apiKeys: [shared] }), person({ apiKeys: [shared] })]
    for (const dryRun of [true, false]) {
      const { refusals, sum } = await load([first, second, first], { dryRun })
      expect(sum).toEqual({ imported: 1, known: 1, refused: 1 })
      expect(refusals).toMatchObject([{ line: 2, code: 'key_exists' }])
    }
    expect((await load([first])).sum).toEqual({ imported: 0, known: 1, refused: 0 })
    const again = await Promise.all([1, 2, 3].map(() => load([first, person()])))
    for (const { sum } of again) expect(sum).toMatchObject({ known: 1, imported: 1 })
  })

  test('is bound by what the options say of all keys', async () => {
    const key = (name: string, more: object = {}) => keyOf(`${name}-capped-${engine}`, more)
    const day = 24 * hour
    const now = capped.clock.now()
    const three = person({ apiKeys: [key('a'), key('b'), key('c')] })
    const late = person({ apiKeys: [key('d', { expiresAt: now + 31 * day })] })
    const open = person({ apiKeys: [key('e')] })
    const { refusals } = await load([three, late, open], { on: capped })
    expect(refusals).toMatchObject([
      { line: 1, code: 'field_invalid', field: 'apiKeys' },
      { line: 2, code: 'field_invalid', field: 'apiKeys/0/expiresAt' },
    ])
    const owner = await capped.security.users.find(open.email)
    const [view] = await capped.security.apiKeys.list(String(owner?.id))
    expect(view?.expiresAt).toBe(now + 30 * day)
  })
})
