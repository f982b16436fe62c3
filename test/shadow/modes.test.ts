import { beforeAll, describe, expect, it } from 'vitest'
import type { ControlMode } from '../../src/config/index.ts'
import type { Person } from '../adapters/site.ts'
import { adapters, canary, openShadowBench } from './kit.ts'

const crossSite = { method: 'POST', headers: { origin: `https://${canary}.example` } }
const long = 'x'.repeat(8_300)

/** Status of what the control does not like, in each of its modes. */
const modes: readonly (readonly [ControlMode, refused: boolean, noted: boolean])[] = [
  ['on', true, true],
  ['shadow', false, true],
  ['off', false, false],
]

describe.each(modes)('while controls are %s', (mode, refused, noted) => {
  const bench = openShadowBench(mode, { limits: { account: { points: 10, window: '1h' } } })
  let stranger: Person
  let busy: Person
  beforeAll(async () => {
    stranger = await bench.kit.person('user')
    busy = await bench.kit.person('user')
  })
  const expectTold = async (control: string, line: object) => {
    const told = (await bench.told(control)).filter((one) => !one.route.includes('/auth'))
    expect(told).toEqual(noted ? [expect.objectContaining({ ...line, enforced: refused })] : [])
  }

  it('size', async () => {
    for (const adapter of adapters) {
      const { status } = await bench.ask(adapter, `/free/${canary}?${long}`)
      expect(status).toBe(refused ? 414 : 200)
      expect((await bench.ask(adapter, `/auth/me?${long}`)).status).toBe(414)
    }
    await expectTold('size', { rule: 'target_too_long', route: 'GET /free/:name', count: 2 })
  })

  it('csrf', async () => {
    for (const adapter of adapters) {
      const { json, status } = await bench.ask(adapter, `/free/${canary}`, crossSite)
      expect(status).toBe(refused ? 403 : 200)
      expect(json?.code).toBe(refused ? 'csrf_refused' : undefined)
      expect((await bench.ask(adapter, '/auth/login', crossSite)).json?.code).toBe('csrf_refused')
    }
    await expectTold('csrf', { rule: 'csrf_refused', route: 'POST /free/:name', count: 2 })
  })

  it('csrf by the field of a form', async () => {
    const headers = { ...stranger.cookie, 'content-type': 'application/x-www-form-urlencoded' }
    for (const adapter of adapters) {
      const form = { method: 'POST', headers, body: `a=${canary}` }
      const { status } = await bench.ask(adapter, `/free/${canary}`, form)
      expect(status).toBe(refused ? 403 : 200)
    }
    await expectTold('csrf', { rule: 'csrf_refused', route: 'POST /free/:name', count: 4 })
  })

  it('access', async () => {
    const url = `/secrets/${canary}`
    for (const adapter of adapters) {
      const { json, status } = await bench.ask(adapter, url, { headers: stranger.bearer })
      expect(status).toBe(refused ? 403 : 200)
      expect(json?.userId).toBe(refused ? undefined : stranger.userId)
      expect((await bench.ask(adapter, url)).status).toBe(401)
      const admin = await bench.ask(adapter, '/admin/users', { headers: stranger.bearer })
      expect(admin.status).toBe(403)
    }
    await expectTold('access', {
      ...{ rule: 'forbidden read:secrets', route: 'GET /secrets/:name', count: 2 },
    })
  })

  it('limits', async () => {
    const init = { headers: busy.bearer }
    const statuses: number[] = []
    for (let round = 0; round < 8; round++) {
      for (const adapter of adapters) {
        statuses.push((await bench.ask(adapter, `/free/${canary}`, init)).status)
      }
    }
    expect(statuses.filter((status) => status === 429)).toHaveLength(refused ? 6 : 0)
    for (let round = 0; round < 11; round++) await bench.ask('node', '/auth/me', init)
    expect((await bench.ask('express', '/auth/me', init)).status).toBe(429)
    await expectTold('limits', { rule: 'rate_limited', route: 'GET /free/:name', count: 6 })
  })

  it('and nothing that was sent is kept', async () => {
    const report = await bench.kit.security.shield.report()
    const { database } = bench.kit.security.parts.ground
    const rows = await database.reader.selectFrom('hf_shield_refusals').selectAll().execute()
    expect(rows.length > 0 || mode === 'off').toBe(true)
    expect(JSON.stringify([report, rows])).not.toContain(canary)
    expect(report.modes).toMatchObject({ size: mode, limits: mode, csrf: mode, access: mode })
  })
})
