import { afterAll, beforeAll, expect, it } from 'vitest'
import { from, goodPassword, openSite, type Site } from './identity-kit.ts'

const minute = 60_000
const office = '192.0.2.7'
const stranger = '198.51.100.9'
let site: Site

beforeAll(async () => {
  const permissions = ['read:security:ip-rules', 'write:security:ip-rules']
  const enders = [...permissions, 'delete:security:ip-rules']
  site = await openSite({
    access: { roles: { warden: { permissions }, keeper: { permissions: enders } } },
  })
  for (const role of ['warden', 'keeper']) {
    const email = `${role}@example.com`
    await site.security.users.create({ email, password: goodPassword, roles: [role] })
  }
})
afterAll(() => site.close())

async function callAs(role: string) {
  const { json } = await site.login(`${role}@example.com`, goodPassword)
  const headers = {
    ...{ authorization: `Bearer ${json.accessToken}`, 'content-type': 'application/json' },
    ...from(office),
  }
  return (path: string, body: object) =>
    site.request('POST', path, { headers, body: JSON.stringify({ reason: 'why', ...body }) })
}

it('whoever may make rules and not end them cannot end one by making it again', async () => {
  const [warden, keeper] = [await callAs('warden'), await callAs('keeper')]
  const now = site.clock.now()
  const rule = { action: 'deny', range: '198.51.100.0/24' }
  const lines = ['203.0.113.1', '198.51.100.0/24']
  expect((await keeper('/admin/ip-rules', rule)).status).toBe(201)
  const soon = { expiresAt: now + 10 }
  for (const [path, body] of [
    ['/admin/ip-rules', { ...rule, ...soon }],
    ['/admin/ip-rules/import', { action: 'deny', lines, ...soon }],
  ] as const) {
    const { json, status } = await warden(path, body)
    expect([status, json.code]).toEqual([403, 'ip_rule_would_end'])
  }
  const [kept, ...others] = (await site.security.ipRules.list()).rules
  expect([kept, others]).toMatchObject([{ expiresAt: null, reason: 'why' }, []])
  expect((await warden('/admin/ip-rules', rule)).status).toBe(201)
  expect((await warden('/admin/ip-rules', { ...rule, range: '203.0.113.0/24' })).status).toBe(201)
  const hour = { expiresAt: now + 60 * minute }
  expect((await keeper('/admin/ip-rules', { ...rule, ...hour })).json).toMatchObject(hour)
  const later = { expiresAt: now + 90 * minute }
  expect((await warden('/admin/ip-rules', { ...rule, ...later })).json).toMatchObject(later)
  expect((await warden('/admin/ip-rules', { ...rule, ...hour })).status).toBe(403)
  expect((await keeper('/admin/ip-rules/import', { action: 'deny', lines, ...soon })).json).toEqual(
    { added: 1, renewed: 1 },
  )
})

it('the record of a rule that was made again tells how it stood before', async () => {
  const heard: unknown[] = []
  site.security.on('ip_rule.added', ({ payload }) => void heard.push(payload))
  const rule = { action: 'deny', range: '203.0.113.77' } as const
  const first = { expiresAt: site.clock.now() + minute }
  await site.security.ipRules.add({ ...rule, ...first }, { reason: 'scans us' })
  await site.security.ipRules.add(rule, { reason: 'still does' })
  await expect
    .poll(() => heard)
    .toMatchObject([
      { renewed: false },
      { renewed: true, before: { reason: 'scans us', ...first } },
    ])
  expect(heard[0]).not.toHaveProperty('before')
})

it('the record of an import tells how the rules stood that it gave another reason or end', async () => {
  const heard: unknown[] = []
  site.security.on('ip_rules.imported', ({ payload }) => void heard.push(payload))
  const { ipRules } = site.security
  const lines = Array.from({ length: 15 }, (_, at) => `198.18.0.${at}`)
  await ipRules.import({ action: 'deny', lines }, { reason: 'botnet' })
  const single = { action: 'deny', range: '198.18.1.1' } as const
  const { id } = await ipRules.add(single, { reason: 'scans us' })
  await ipRules.import({ action: 'deny', lines: [...lines, single.range] }, { reason: 'x' })
  await ipRules.import({ action: 'deny', lines }, { reason: 'x' })
  await expect.poll(() => heard).toHaveLength(3)
  expect(heard[0]).not.toHaveProperty('before')
  expect(heard[2]).not.toHaveProperty('before')
  const { before } = heard[1] as { before: { reason: string; ruleIds: string[] }[] }
  expect(before).toHaveLength(2)
  expect(before).toContainEqual({ reason: 'scans us', expiresAt: null, rules: 1, ruleIds: [id] })
  const [botnet] = before.filter(({ reason }) => reason === 'botnet')
  expect(botnet).toMatchObject({ expiresAt: null, rules: 15 })
  expect(botnet?.ruleIds).toHaveLength(10)
})

it('the record of an import is bounded, however many reasons it overwrites', async () => {
  const heard: { before?: unknown[] }[] = []
  site.security.on('ip_rules.imported', ({ payload }) => void heard.push(payload as object))
  const lines = Array.from({ length: 25 }, (_, at) => `198.18.2.${at}`)
  for (const range of lines) {
    await site.security.ipRules.add({ action: 'deny', range }, { reason: `because of ${range}` })
  }
  await site.security.ipRules.import({ action: 'deny', lines }, { reason: 'x' })
  await expect.poll(() => heard).toMatchObject([{ renewed: 25 }])
  expect(heard[0]?.before).toHaveLength(20)
})

it('the record of an allowance names the denials that it is an exception from', async () => {
  const heard: object[] = []
  for (const name of ['ip_rule.added', 'ip_rules.imported'] as const) {
    site.security.on(name, ({ payload }) => void heard.push(payload))
  }
  const { ipRules } = site.security
  const scope = '/lifted'
  const denial = await ipRules.add({ action: 'deny', range: '198.19.0.0/24', scope })
  await ipRules.import({ action: 'allow', lines: ['198.19.0.0/25', '198.19.0.128/25'], scope })
  await ipRules.add({ action: 'allow', range: '198.19.0.7', scope })
  for (const range of ['0.0.0.0/1', '198.19.0.0/24']) {
    await ipRules.add({ action: 'allow', range, scope })
  }
  await ipRules.add({ action: 'deny', range: '198.19.0.9', scope })
  await expect.poll(() => heard).toHaveLength(6)
  const lifts = [{ ruleId: denial.id, range: '198.19.0.0/24' }]
  expect(heard.slice(1, 3)).toMatchObject([{ lifts }, { lifts }])
  for (const at of [0, 3, 4, 5]) expect(heard[at]).not.toHaveProperty('lifts')
})

it('a node that is cut off lets nobody pass where rules hold, on open routes too', async () => {
  await site.security.ipRules.add({ action: 'deny', range: '203.0.113.9', scope: '/open' })
  const rules = (await site.security.ipRules.list({ limit: 200 })).rules
  for (const { id, scope } of rules) {
    if (id !== null && scope === 'all') await site.security.ipRules.remove(id)
  }
  expect((await site.get('/open', from(stranger))).status).toBe(200)
  await site.security.parts.ground.revocations.close()
  site.clock.advance(minute)
  expect((await site.get('/open', from(stranger))).status).toBe(503)
  expect((await site.get('/open', from('203.0.113.9'))).status).toBe(403)
  expect((await site.get('/nowhere', from(stranger))).status).toBe(404)
  await site.security.parts.ground.revocations.poll()
  expect((await site.get('/open', from(stranger))).status).toBe(200)
})
