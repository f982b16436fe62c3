import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inventoryReport } from './report.ts'
import { Browser } from './testdata/browser.ts'
import { type Running, startRetail } from './testdata/running.ts'

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

/** Somebody active with these roles and, maybe, an assignment; signed in. */
async function someone(
  roles: readonly string[],
  place?: { readonly companyId: string; readonly storeId: string | null },
): Promise<Browser> {
  const email = `person-${crypto.randomUUID()}@example.com`
  const password = crypto.randomUUID()
  const { id } = await retail.security.users.create({ email, password, roles })
  if (place) {
    retail.store.saveAssignment({ userId: id, email, ...place, assignedBy: 'test', assignedAt: 0 })
  }
  return retail.signedIn(email, password)
}

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
    const reply = await (await someone(roles, { companyId: 'harbour', storeId: 'DUB' })).get(API)
    expect(reply.status).toBe(403)
    expect(reply.text).not.toContain('DUB')
  })

  test.each([
    ['admin', { companyId: 'harbour', storeId: null }, ['CGN', 'DUB', 'ORK']],
    ['manager', { companyId: 'nordlicht', storeId: null }, ['CGN', 'HAM', 'MUC']],
    ['employee', { companyId: 'harbour', storeId: 'DUB' }, ['DUB']],
  ])('%s of %j with %j', async (role, place, stores) => {
    const reply = await (await someone(['user', role], place)).get(API)
    expect(reply.status).toBe(200)
    expect(storesOf(reply)).toEqual(stores)
  })

  test.each([['admin'], ['manager'], ['employee']])('403 to an unassigned %s', async (role) => {
    const reply = await (await someone(['user', role])).get(API)
    expect(reply.status).toBe(403)
    expect(JSON.parse(reply.text).code).toBe('company_missing')
  })

  test('403 to an employee without a store', async () => {
    const reply = await (await someone(['employee'], { companyId: 'harbour', storeId: null })).get(
      API,
    )
    expect(reply.status).toBe(403)
  })

  test('exactly the report of the caller', async () => {
    const manager = await retail.signedIn(MANAGER_ONE)
    const reply = await manager.get(`${API}?from=${YEAR.from}&to=${YEAR.to}`)
    const scope = { companyId: 'nordlicht', storeId: null }
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

describe('the record', () => {
  test('holds who looked at the report, by API and by page', async () => {
    const browser = await someone(['manager'], { companyId: 'harbour', storeId: null })
    const { user } = JSON.parse((await browser.get('/auth/me')).text)
    await browser.get(API)
    await browser.get('/report')
    await expect
      .poll(() => audited('report.turnover.viewed', user.id), { timeout: 10_000 })
      .toHaveLength(2)
    for (const row of audited('report.turnover.viewed', user.id)) {
      expect(row).toMatchObject({ resource_kind: 'company', resource_id: 'harbour' })
    }
  })

  test('holds who was assigned by whom', async () => {
    const [row] = audited('person.assigned')
    expect(row).toMatchObject({ actor_kind: 'user', resource_kind: 'user', outcome: 'success' })
  })
})

describe('the form of administrators', () => {
  const order = { email: MANAGER_TWO, role: 'manager', company: 'nordlicht', store: '' }

  test.each([[['user']], [['user', 'manager']], [['user', 'employee']]])(
    'is refused to roles %j',
    async (roles) => {
      const browser = await someone(roles, { companyId: 'nordlicht', storeId: 'HAM' })
      expect((await browser.get('/assign')).status).toBe(403)
      expect((await browser.form('/assign', order)).status).toBe(403)
    },
  )

  test('is refused to strangers', async () => {
    const stranger = new Browser(retail.origin)
    const page = await stranger.get('/assign')
    expect(page.status).toBe(303)
    expect(page.headers.location).toBe('/account/sign-in?next=%2Fassign')
    expect((await stranger.form('/assign', order)).status).toBe(401)
  })

  test('is refused to other sites', async () => {
    const admin = await retail.signedIn(ADMIN)
    expect((await admin.form('/assign', order, 'cross-site')).status).toBe(403)
  })

  test('says what is wrong and keeps what was typed', async () => {
    const admin = await retail.signedIn(ADMIN)
    const email = '"><script>@example.com'
    const reply = await admin.form('/assign', { ...order, email, store: 'DUB' })
    expect(reply.status).toBe(400)
    expect(reply.text).toContain('Nobody has registered with that address')
    expect(reply.text).toContain('That company has no such store')
    expect(reply.text).toContain('&quot;&gt;&lt;script&gt;@example.com')
  })

  test('takes a company away from nobody when it is refused', async () => {
    expect(storesOf(await (await retail.signedIn(MANAGER_TWO)).get(API))).toEqual([
      'CGN',
      'DUB',
      'ORK',
    ])
  })
})

describe('pages', () => {
  test('lead to the sign-in page without a session', async () => {
    const reply = await new Browser(retail.origin).get('/report')
    expect(reply.status).toBe(303)
    expect(reply.headers.location).toBe('/account/sign-in?next=%2Freport')
  })

  test('ignore parameters that they do not know', async () => {
    const manager = await retail.signedIn(MANAGER_ONE)
    expect((await manager.get('/report?utm_source=mail')).status).toBe(200)
  })

  test('show the figures, a chart and a style sheet of their own', async () => {
    const manager = await retail.signedIn(MANAGER_ONE)
    const page = await manager.get('/report?from=2026-01-01&to=2026-03-31')
    expect(page.text).toContain('<svg class="chart"')
    expect(page.text).toContain('Nordlicht am Gärtnerplatz')
    expect(page.text).not.toContain('Cork')
    expect(page.headers['content-security-policy']).toContain('default-src')
    const css = await new Browser(retail.origin).get('/static/retail.css')
    expect(css.status).toBe(200)
    expect(css.headers['content-type']).toContain('text/css')
  })

  test('say what is wrong with a query', async () => {
    const manager = await retail.signedIn(MANAGER_ONE)
    expect((await manager.get('/report?from=yesterday')).status).toBe(400)
    expect((await manager.get('/report?store=DUB')).status).toBe(404)
  })
})

test('every route states its policy', async () => {
  const { createRetailApp } = await import('./app.ts')
  const { security, store } = retail
  const app = createRetailApp({ security, store, now: Date.now })
  const bare = security.manifest(app).filter((entry) => !entry.policy && !entry.unclassified)
  expect(bare).toEqual([])
})

function storesOf(reply: { readonly text: string }): string[] {
  const { stores } = JSON.parse(reply.text) as { stores: { storeId: string }[] }
  return stores.map((line) => line.storeId).sort()
}

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

function audited(action: string, actorId?: string) {
  const db = new DatabaseSync(join(dataDir, 'holdfast.db'), { readOnly: true })
  try {
    const sql = 'SELECT * FROM hf_audit WHERE action = ? AND (? IS NULL OR actor_id = ?)'
    return db.prepare(sql).all(action, actorId ?? null, actorId ?? null)
  } finally {
    db.close()
  }
}
