import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRetailApp } from './app.ts'
import { Browser } from './testdata/browser.ts'
import { type Running, startRetail, storesOf } from './testdata/running.ts'

const API = '/api/inventory/turnover'
const ADMIN = 'admin@retail.example'
const MANAGER_ONE = 'manager@nordlicht.example'
const EMPLOYEE_ONE = 'employee@nordlicht.example'
const MANAGER_TWO = 'manager@harbour.example'

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

describe('the record', () => {
  test('holds who looked at the report, by API and by page', async () => {
    const browser = await retail.someone(['manager'], { companyId: 'harbour', storeId: null })
    const { user } = JSON.parse((await browser.get('/auth/me')).text)
    await browser.get(API)
    await browser.get('/report')
    await expect
      .poll(() => audited('report.turnover.viewed', user.id), { timeout: 10_000 })
      .toHaveLength(2)
    for (const row of audited('report.turnover.viewed', user.id)) {
      expect(row).toMatchObject({ resource_kind: 'company', resource_id: 'harbour' })
      expect(row.ip).toMatch(/127\.0\.0\.1|::1/)
      expect(row.request_id).toBeTruthy()
    }
  })

  test('holds no view of those who have no company', async () => {
    const browser = await retail.someone(['manager'])
    const { user } = JSON.parse((await browser.get('/auth/me')).text)
    expect((await browser.get('/report')).text).toContain('No company')
    expect((await browser.get(API)).status).toBe(403)
    await expect
      .poll(() => audited('report.turnover.viewed', user.id), { timeout: 10_000 })
      .toHaveLength(1)
    expect(audited('report.turnover.viewed', user.id)[0]).toMatchObject({ outcome: 'refused' })
  })

  test('holds who was assigned by whom', async () => {
    const admin = await retail.signedIn(ADMIN)
    const order = { email: EMPLOYEE_ONE, role: 'employee', company: 'nordlicht', store: 'MUC' }
    expect((await admin.form('/assign', order)).status).toBe(303)
    const [row] = audited('person.assigned')
    expect(row).toMatchObject({
      ...{ actor_kind: 'user', resource_kind: 'user', outcome: 'success' },
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      path: '/assign',
    })
  })
})

describe('the form of administrators', () => {
  const order = { email: MANAGER_TWO, role: 'manager', company: 'nordlicht', store: '' }

  test.each([[['user']], [['user', 'manager']], [['user', 'employee']]])(
    'is refused to roles %j',
    async (roles) => {
      const browser = await retail.someone(roles, { companyId: 'nordlicht', storeId: 'HAM' })
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

  test('shows an administrator of one company nothing of the other', async () => {
    const admin = await retail.someone(['admin'], { companyId: 'harbour', storeId: null })
    const page = await admin.get('/assign')
    expect(page.text).toContain(MANAGER_TWO)
    expect(page.text).not.toMatch(/nordlicht/i)
    expect((await admin.form('/assign', { ...order, email: MANAGER_ONE })).status).toBe(400)
  })

  test('carries the token of the session, for browsers that do not say where a form is from', async () => {
    const admin = await retail.signedIn(ADMIN)
    const { csrfToken } = JSON.parse((await admin.get('/auth/me')).text)
    const page = await admin.get('/assign')
    expect(page.text).toContain(`<input type="hidden" name="_csrf" value="${csrfToken}">`)
  })

  test('gives a person her role on the authority of the administrator of her company', async () => {
    const boss = await retail.someone(['user', 'admin'], { companyId: 'harbour', storeId: null })
    const { user } = JSON.parse((await boss.get('/auth/me')).text)
    const email = `new-${crypto.randomUUID()}@example.com`
    const { id } = await retail.security.users.create({ email, password: crypto.randomUUID() })
    const rolesOf = async () => {
      const own = await retail.companies.membershipsOf(id)
      return own.map(({ companyId, roles }) => [companyId, ...roles])
    }
    const manager = { email, role: 'manager', company: 'harbour', store: '' }
    expect((await boss.form('/assign', manager)).status).toBe(303)
    expect(await rolesOf()).toEqual([['harbour', 'manager']])
    const employee = { email, role: 'employee', company: 'harbour', store: 'DUB' }
    expect((await boss.form('/assign', employee)).status).toBe(303)
    expect(await rolesOf()).toEqual([['harbour', 'employee']])
    const changes = [
      ...audited('organisation.role_granted', user.id),
      ...audited('organisation.role_withdrawn', user.id),
    ]
    expect(changes).toHaveLength(3)
    for (const change of changes) expect(change.request_id).toBeTruthy()
  })

  test('tells an administrator without a company so, and assigns nobody for her', async () => {
    const loose = await retail.someone(['user', 'admin'])
    const page = await loose.get('/assign')
    expect(page.text).toContain('No company has been given to you yet')
    expect(page.text).not.toMatch(/<form|nordlicht|harbour/i)
    const refused = await loose.form('/assign', { ...order, company: 'harbour' })
    expect(refused.status).toBe(403)
    expect(refused.text).not.toContain(MANAGER_TWO)
  })

  test('takes no role from an administrator for one of a company', async () => {
    const boss = await retail.someone(['user', 'admin'], { companyId: 'harbour', storeId: null })
    const email = `loose-${crypto.randomUUID()}@example.com`
    const password = crypto.randomUUID()
    const { id } = await retail.security.users.create({ email, password, roles: ['admin'] })
    const employee = { company: 'harbour', role: 'employee', store: 'DUB' }
    for (const victim of [email, ADMIN]) {
      expect((await boss.form('/assign', { ...employee, email: victim })).status).toBe(400)
    }
    expect((await retail.security.users.find(id))?.roles).toEqual(['admin'])
    expect(await retail.companies.membershipsOf(id)).toEqual([])
  })

  test('takes a company away from nobody when it is refused', async () => {
    expect(storesOf(await (await retail.signedIn(MANAGER_TWO)).get(API))).toEqual([
      'CGN',
      'DUB',
      'ORK',
    ])
  })
})

describe('the administration of accounts', () => {
  const rolesOf = (id: string) => `/admin/users/${id}/roles`

  test('is out of reach for an administrator of a company, whoever her accomplice is', async () => {
    const boss = await retail.someone(['user', 'admin'], { companyId: 'harbour', storeId: null })
    const email = `accomplice-${crypto.randomUUID()}@example.com`
    const { id } = await retail.security.users.create({ email, password: crypto.randomUUID() })
    for (const role of ['admin', 'manager', 'user']) {
      expect((await boss.json(rolesOf(id), { role })).status, role).toBe(403)
    }
    expect((await boss.get(rolesOf(id))).status).toBe(403)
    expect((await retail.security.users.find(id))?.roles).toEqual(['user'])
  })

  test('is there for the super administrator', async () => {
    const root = await retail.signedIn(ADMIN)
    const email = `promoted-${crypto.randomUUID()}@example.com`
    const { id } = await retail.security.users.create({ email, password: crypto.randomUUID() })
    expect((await root.json(rolesOf(id), { role: 'admin' })).status).toBe(200)
    expect((await retail.security.users.find(id))?.roles).toContain('admin')
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
  const { security, store } = retail
  const app = createRetailApp({ security, store, now: Date.now })
  const bare = security.manifest(app).filter((entry) => !entry.policy && !entry.unclassified)
  expect(bare).toEqual([])
})

function audited(action: string, actorId?: string) {
  const db = new DatabaseSync(join(dataDir, 'holdfast.db'), { readOnly: true })
  try {
    const sql = 'SELECT * FROM hf_audit WHERE action = ? AND (? IS NULL OR actor_id = ?)'
    return db.prepare(sql).all(action, actorId ?? null, actorId ?? null)
  } finally {
    db.close()
  }
}
