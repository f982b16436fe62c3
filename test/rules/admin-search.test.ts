import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AdminKit, adminKit, verdict } from './admin-kit.ts'
import { goodPassword, openSite, type Person, type Site } from './identity-kit.ts'

let site: Site
let kit: AdminKit
let admin: Person

beforeAll(async () => {
  site = await openSite({ captcha: { provider: 'none' } })
  kit = adminKit(site)
  admin = await kit.someone('admin', ['admin', 'user'])
  for (let at = 0; at < 12; at++) {
    const email = `invited${at}@example.com`
    await site.security.users.invite({ email, displayName: `100% ${at} O'Brien_\\` })
  }
})
afterAll(() => site.close())

const search = (query: string) => site.get(`/admin/users?${query}`, { ...admin.bearer })
const found = async (query: string) =>
  (await search(query)).json.users.map(({ email }: { email: string }) => email)

it('finds accounts by part of an address or a name, status and role, all of which must hold', async () => {
  expect(await found('search=ADMIN%40')).toEqual(['admin@example.com'])
  expect(await found('status=active')).toEqual(['admin@example.com'])
  expect(await found('role=admin')).toEqual(['admin@example.com'])
  expect(await found('role=nobody')).toEqual([])
  expect(await found('search=invited11&status=pending&role=user')).toHaveLength(1)
  expect(await found('search=invited11&status=active')).toEqual([])
  for (const part of ["O'Brien", '100%', 'Brien_', '_\\']) {
    expect(await found(`search=${encodeURIComponent(part)}`), part).toHaveLength(12)
  }
  for (const part of ['1%0', 'O_Brien', 'Brien%', '\\_', 'Bri%en']) {
    expect(await found(`search=${encodeURIComponent(part)}`), part).toEqual([])
  }
})

it('goes page by page, and what is made meanwhile neither repeats nor hides anybody', async () => {
  const before = await found('limit=200')
  const seen: string[] = []
  let next = ''
  do {
    const { json } = await search(`limit=5${next}`)
    seen.push(...json.users.map(({ email }: { email: string }) => email))
    next = json.next === null ? '' : `&after=${json.next}`
    site.clock.jump(1)
    await site.security.users.create({
      email: `m${seen.length}@example.com`,
      password: goodPassword,
    })
    if (seen.length > 100) break
  } while (next !== '')
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.slice(0, before.length)).toEqual(before)
})

it('refuses what it does not know', async () => {
  for (const query of ['name=x', 'roles=admin', 'status=open', 'limit=0', 'limit=201', 'limit=x']) {
    expect(await verdict(search(query)), query).toMatch(/^400 (unknown_field|invalid_request)$/)
  }
  for (const cursor of [
    'x',
    '1.2',
    '%00',
    'AAAA',
    '9'.repeat(200),
    "'or 1=1",
    btoa(`1e5.${admin.id}`),
  ]) {
    const answer = search(`after=${encodeURIComponent(cursor)}`)
    expect(await verdict(answer), cursor).toBe('400 invalid_request')
  }
  expect(await verdict(search('search=a&search=b'))).toMatch(/^400/)
  expect(await verdict(search(`search=${'x'.repeat(101)}`))).toBe('400 invalid_request')
})

it('a query of any bytes is answered with 200 or 400', async () => {
  const parts = [
    'search',
    'after',
    'role',
    'status',
    'limit',
    '=',
    '&',
    '%',
    '%25',
    '%00',
    '%5C',
    '%27',
  ]
  const more = ['%C3', '%F0%9F%98%80', '%E2%80%AE', '!', '_', '1', 'x', '[]', '+', '%ED%A0%80', ';']
  const bytes = fc.array(fc.constantFrom(...parts, ...more), { minLength: 1, maxLength: 8 })
  const statuses = new Map<number, number>()
  await fc.assert(
    fc.asyncProperty(fc.boolean(), bytes, async (searches, query) => {
      const { status } = await search(`${searches ? 'search=' : ''}${query.join('')}`)
      expect([200, 400]).toContain(status)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }),
    { numRuns: 400 },
  )
  expect(Math.min(statuses.get(200) ?? 0, statuses.get(400) ?? 0)).toBeGreaterThan(20)
})
