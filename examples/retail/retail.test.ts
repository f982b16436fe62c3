import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inventoryReport } from './report.ts'
import { Browser } from './testdata/browser.ts'
import { type Running, startRetail, storesOf } from './testdata/running.ts'
import { scopeIn } from './testdata/scopes.ts'

const API = '/api/inventory/turnover'
const ADMIN = 'admin@retail.example'
const MANAGER_ONE = 'manager@nordlicht.example'
const EMPLOYEE_ONE = 'employee@nordlicht.example'
const MANAGER_TWO = 'manager@harbour.example'
const YEAR = { from: '2025-10-01', to: '2026-09-30' }

let dataDir: string
let retail: Running

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'retail-'))
  retail = await startRetail(dataDir)
})

afterAll(async () => {
  await retail?.close()
  await rm(dataDir, { recursive: true, force: true })
})

describe('a person who registers', () => {
  test('sees nothing until an administrator gives her a company, then the report', async () => {
    const email = 'nora.o-brien@example.com'
    const password = 'lantern orchard velvet 71'
    const nora = new Browser(retail.origin)
    const registration = { email, password, companyName: 'Nordlicht Wohnen GmbH & Co. KG' }
    expect((await nora.json('/auth/register', registration)).status).toBe(202)
    const token = await mailedToken(nora, email)
    expect((await nora.json('/auth/verify-email', { token })).status).toBe(200)
    expect((await nora.signIn(email, password)).status).toBe(200)

    const before = await nora.get('/report')
    expect(before.status).toBe(200)
    expect(before.text).toContain('No company has been given to you yet')
    expect((await nora.get(API)).status).toBe(403)

    const admin = await retail.signedIn(ADMIN)
    const order = { email, role: 'employee', company: 'harbour', store: 'ORK' }
    const assigned = await admin.form('/assign', order)
    expect(assigned.status).toBe(303)
    expect((await admin.get(String(assigned.headers.location))).text).toContain(
      `${email} has been assigned`,
    )

    const after = await nora.get('/report')
    expect(after.text).toContain('English Market, Cork')
    expect(after.text).not.toContain('Dublin')
    expect(storesOf(await nora.get(API))).toEqual(['ORK'])
  })

  test('cannot name her company, store or role', async () => {
    const visitor = new Browser(retail.origin)
    const password = 'lantern orchard velvet 72'
    for (const field of ['role', 'roles', 'company', 'companyId', 'storeId', 'store', 'tenantId']) {
      const body = { email: `x-${field}@example.com`, password, [field]: 'harbour' }
      expect((await visitor.json('/auth/register', body)).status, field).toBe(400)
    }
  })
})

describe('the API answers', () => {
  test('401 without a session', async () => {
    const reply = await new Browser(retail.origin).get(API)
    expect(reply.status).toBe(401)
    expect(reply.headers['content-type']).toContain('application/problem+json')
  })

  test.each([[['user']], [['super_admin']], [[]]])('403 to roles %j', async (roles) => {
    const reply = await (await retail.someone(roles, { companyId: 'harbour', storeId: 'DUB' })).get(
      API,
    )
    expect(reply.status).toBe(403)
    expect(JSON.parse(reply.text).code).toBe('forbidden')
    expect(reply.text).not.toContain('DUB')
  })

  test.each([
    ['admin', { companyId: 'harbour', storeId: null }, ['CGN', 'DUB', 'ORK']],
    ['manager', { companyId: 'nordlicht', storeId: null }, ['CGN', 'HAM', 'MUC']],
    ['employee', { companyId: 'harbour', storeId: 'DUB' }, ['DUB']],
  ])('%s of %j with %j', async (role, place, stores) => {
    const reply = await (await retail.someone(['user', role], place)).get(API)
    expect(reply.status).toBe(200)
    expect(storesOf(reply)).toEqual(stores)
  })

  test.each([['admin'], ['manager'], ['employee']])('403 to an unassigned %s', async (role) => {
    const reply = await (await retail.someone(['user', role])).get(API)
    expect(reply.status).toBe(403)
    expect(JSON.parse(reply.text).code).toBe('company_missing')
  })

  test('403 to an employee without a store', async () => {
    const reply = await (
      await retail.someone(['employee'], { companyId: 'harbour', storeId: null })
    ).get(API)
    expect(reply.status).toBe(403)
  })

  test('exactly the report of the caller', async () => {
    const manager = await retail.signedIn(MANAGER_ONE)
    const reply = await manager.get(`${API}?from=${YEAR.from}&to=${YEAR.to}`)
    const scope = scopeIn('nordlicht')
    const report = inventoryReport(retail.store, scope, YEAR)
    expect(JSON.parse(reply.text)).toEqual({ currency: 'EUR', ...report })
  })

  test('a foreign store as one that does not exist', async () => {
    const manager = await retail.signedIn(MANAGER_ONE)
    const foreign = await manager.get(`${API}?store=DUB`)
    const absent = await manager.get(`${API}?store=NOPE`)
    expect(foreign.status).toBe(404)
    expect(foreign.text).toBe(absent.text)
    const employee = await retail.signedIn(EMPLOYEE_ONE)
    expect((await employee.get(`${API}?store=MUC`)).text).toBe(absent.text)
  })

  test('a store that moved to each company for its own time', async () => {
    const query = `${API}?from=${YEAR.from}&to=${YEAR.to}&store=CGN`
    const one = JSON.parse((await (await retail.signedIn(MANAGER_ONE)).get(query)).text)
    const two = JSON.parse((await (await retail.signedIn(MANAGER_TWO)).get(query)).text)
    expect(one.stores).toMatchObject([{ from: '2025-10-01', to: '2026-03-31', days: 182 }])
    expect(two.stores).toMatchObject([{ from: '2026-04-01', to: '2026-09-30', days: 183 }])
  })

  test.each([
    ['from=2026-02-30', 'from'],
    ['from=2026-02-02&to=2026-02-01', 'from'],
    ['from=1990-01-01', 'to'],
    ['from=2026-01-01&from=2026-02-01', 'from'],
    ['store=HAM&store=DUB', 'store'],
    ['company=harbour', 'company'],
    ['store[$ne]=x', 'store[$ne]'],
  ])('400 to ?%s', async (query, name) => {
    const reply = await (await retail.signedIn(MANAGER_ONE)).get(`${API}?${query}`)
    expect(reply.status).toBe(400)
    expect(reply.headers['content-type']).toContain('application/problem+json')
    expect(JSON.parse(reply.text).errors).toMatchObject([{ pointer: `#/query/${name}` }])
  })

  test('no query, however odd, with rows of others or a server error', async () => {
    const callers = [
      { browser: await retail.signedIn(MANAGER_ONE), own: ['CGN', 'HAM', 'MUC'] },
      { browser: await retail.signedIn(EMPLOYEE_ONE), own: ['HAM'] },
      { browser: await retail.signedIn(MANAGER_TWO), own: ['CGN', 'DUB', 'ORK'] },
    ]
    const day = fc.oneof(
      fc.constantFrom('2025-10-01', '2026-03-31', '2026-04-01', '2026-09-30', ''),
      fc.string({ maxLength: 12 }),
    )
    const store = fc.oneof(
      fc.constantFrom(
        'HAM',
        'MUC',
        'CGN',
        'DUB',
        'ORK',
        '',
        "' OR 1=1 --",
        '%',
        'ham',
        'DUB\u0000',
      ),
      fc.string({ maxLength: 12 }),
    )
    const parameter = fc.oneof(
      fc.tuple(fc.constant('from'), day),
      fc.tuple(fc.constant('to'), day),
      fc.tuple(fc.constantFrom('store', 'store', 'company', 'companyId'), store),
    )
    const query = fc.array(parameter, { maxLength: 4 })
    const who = fc.constantFrom(...callers)
    const answered = { ok: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(who, query, async ({ browser, own }, parameters) => {
        const reply = await browser.get(`${API}?${new URLSearchParams(parameters)}`)
        expect([200, 400, 404]).toContain(reply.status)
        if (reply.status !== 200) {
          answered.refused++
          expect(reply.text).not.toContain('costOfGoodsSold')
          return
        }
        answered.ok++
        for (const id of storesOf(reply)) expect(own).toContain(id)
      }),
      { numRuns: 300 },
    )
    expect(answered.ok).toBeGreaterThan(30)
    expect(answered.refused).toBeGreaterThan(30)
  })
})

async function mailedToken(browser: Browser, to: string): Promise<string> {
  const path = `/dev/mailbox?to=${encodeURIComponent(to)}`
  const json = { accept: 'application/json' }
  let token: string | null | undefined
  await expect
    .poll(
      async () => {
        const mails = JSON.parse((await browser.get(path, json)).text) as { links: string[] }[]
        const link = mails[0]?.links[0]
        token = link && new URL(link).searchParams.get('token')
        return token
      },
      { timeout: 10_000 },
    )
    .toBeTruthy()
  return String(token)
}
