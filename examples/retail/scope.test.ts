import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { scopeOf } from './scope.ts'
import { type Running, startRetail, storesOf } from './testdata/running.ts'

const API = '/api/inventory/turnover'
const company = { companyId: 'harbour', storeId: null }
const store = { companyId: 'harbour', storeId: 'DUB' }
const whole = ['CGN', 'DUB', 'ORK']

describe('words for what is missing', () => {
  const asked: unknown[] = []
  const auth = (roles: readonly string[]) => ({
    roles,
    rows: (...question: unknown[]) => {
      asked.push(question)
      return 'rows' as never
    },
  })
  const none = (reason: string) => ({ kind: 'none', reason })

  test.each([
    ['a manager without a company', ['manager'], undefined, none('no_company')],
    ['an administrator without a company', ['admin'], undefined, none('no_company')],
    ['an employee without a store', ['user', 'employee'], company, none('no_store')],
    ['a mere user', ['user'], store, none('no_role')],
    ['somebody without roles', [], company, none('no_role')],
    ['a super administrator', ['super_admin'], company, none('no_role')],
  ] as const)('%s sees nothing', (_, roles, place, expected) => {
    expect(scopeOf(auth(roles), place)).toEqual(expected)
    expect(asked).toEqual([])
  })

  test('everybody else is asked about with the store that is theirs', () => {
    const scope = { companyId: 'harbour', storeId: null, rows: 'rows' }
    expect(scopeOf(auth(['employee']), store)).toEqual({ kind: 'scope', scope })
    expect(scopeOf(auth(['manager']), company)).toEqual({ kind: 'scope', scope })
    expect(asked).toEqual([
      ['read:inventory', 'inventory', { attributes: { store: 'DUB' } }],
      ['read:inventory', 'inventory', { attributes: {} }],
    ])
  })
})

describeEngines('what somebody sees follows from role and company', (engine) => {
  let fresh: FreshDatabase
  let dataDir: string
  let retail: Running

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    dataDir = await mkdtemp(join(tmpdir(), 'retail-'))
    retail = await startRetail(dataDir, { database: fresh.url })
  })

  afterAll(async () => {
    await retail?.close()
    await fresh?.drop()
    await rm(dataDir, { recursive: true, force: true })
  })

  test.each([
    ['an administrator sees her company', ['admin'], company, whole],
    ['a manager sees his company', ['user', 'manager'], company, whole],
    ['a manager sees his company though a store is noted', ['manager'], store, whole],
    ['an employee sees her store', ['user', 'employee'], store, ['DUB']],
    ['the wider of two roles counts', ['employee', 'manager'], store, whole],
    ['an employee without a store sees nothing', ['employee'], company, 403],
    ['an employee with a store of others sees nothing', ['employee'], foreign('HAM'), []],
    ['a mere user sees nothing', ['user'], store, 403],
    ['somebody without roles sees nothing', [], company, 403],
    ['a super administrator sees no business data', ['super_admin'], company, 403],
    ['a manager without a company sees nothing', ['manager'], undefined, 403],
    ['an administrator without a company sees nothing', ['admin'], undefined, 403],
  ] as const)('%s', async (_, roles, place, expected) => {
    const browser = await retail.someone(roles, place)
    const reply = await browser.get(API)
    if (typeof expected === 'number') {
      expect(reply.status).toBe(expected)
      expect(reply.text).not.toMatch(/DUB|HAM|costOfGoodsSold/)
    } else {
      expect(reply.status).toBe(200)
      expect(storesOf(reply)).toEqual(expected)
    }
  })

  test('a company of others is as one that does not exist, by every address', async () => {
    const browser = await retail.someone(['manager'], company)
    const own = await retail.companies.organisationOf('harbour')
    for (const path of [API, '/report', '/assign']) {
      const replies = await Promise.all(
        ['nordlicht', await retail.companies.organisationOf('nordlicht'), 'nowhere'].map((name) =>
          browser.get(`/companies/${name}${path}`),
        ),
      )
      const texts = replies.map(({ text }) => text.replace(/[0-9a-f-]{36}/, ''))
      expect(replies.map(({ status }) => status)).toEqual([404, 404, 404])
      expect(new Set(texts).size).toBe(1)
    }
    for (const name of ['harbour', own]) {
      expect(storesOf(await browser.get(`/companies/${name}${API}`))).toEqual(whole)
    }
    expect((await browser.get('/companies/harbour/assign')).status).toBe(403)
  })

  test('a role that is held everywhere counts where one belongs, and nowhere else', async () => {
    const browser = await retail.someone(['manager'])
    const { user } = JSON.parse((await browser.get('/auth/me')).text)
    expect((await browser.get(`/companies/harbour${API}`)).status).toBe(404)
    await retail.admit(user.id, company, [])
    expect(storesOf(await browser.get(API))).toEqual(whole)
    expect((await browser.get(`/companies/nordlicht${API}`)).status).toBe(404)
  })

  test.each(['employee', 'manager', 'admin'])(
    'the rules keep an %s to one company',
    async (role) => {
      const browser = await retail.someone([role], store)
      const { user } = JSON.parse((await browser.get('/auth/me')).text)
      const may = async (companyId: string, storeId: string) => {
        const { allowed } = await retail.security.access.explain({
          ...{ userId: user.id, permission: 'read:inventory', organisation: 'harbour' },
          object: {
            organisation_id: await retail.companies.organisationOf(companyId),
            store_id: storeId,
          },
          attributes: { store: 'DUB' },
        })
        return allowed
      }
      expect(await may('harbour', 'DUB')).toBe(true)
      expect(await may('nordlicht', 'DUB')).toBe(false)
      expect(await may('harbour', 'ORK')).toBe(role !== 'employee')
    },
  )

  test('a change counts with the next request', async () => {
    const browser = await retail.someone(['employee'], store)
    const { user } = JSON.parse((await browser.get('/auth/me')).text)
    const { organisations } = retail.security
    expect(storesOf(await browser.get(API))).toEqual(['DUB'])
    await organisations.grantRole('harbour', { userId: user.id, role: 'manager' })
    expect(storesOf(await browser.get(API))).toEqual(whole)
    await organisations.withdrawRole('harbour', { userId: user.id, role: 'manager' })
    retail.store.saveMemberStore({ userId: user.id, companyId: 'harbour' }, 'ORK')
    expect(storesOf(await browser.get(API))).toEqual(['ORK'])
    await organisations.removeMember('harbour', user.id)
    expect((await browser.get(API)).status).toBe(403)
  })

  test('an administrator makes no administrator by any door of Holdfast', async () => {
    const boss = await retail.someone(['admin'], company)
    const other = await retail.someone(['employee'], store)
    const { user } = JSON.parse((await other.get('/auth/me')).text)
    const give = (role: string) =>
      boss.json(`/auth/organisations/harbour/members/${user.id}/roles`, { role })
    for (const role of ['admin', 'organisation_owner', 'super_admin']) {
      expect((await give(role)).status, role).toBeGreaterThanOrEqual(400)
    }
    const roles = await retail.companies.membershipsOf(user.id)
    expect(roles).toMatchObject([{ companyId: 'harbour', roles: ['employee'] }])
    expect((await give('manager')).status).toBe(200)
  })
})

function foreign(storeId: string) {
  return { companyId: 'harbour', storeId }
}
