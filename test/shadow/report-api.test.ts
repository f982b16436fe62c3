import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kit, type Listening, openKit, type Person, serve } from '../adapters/site.ts'

let kit: Kit
let site: Listening
let admin: Person
let user: Person

beforeAll(async () => {
  kit = await openKit({ shield: { csrf: 'shadow' } })
  ;[admin, user] = [await kit.person('admin'), await kit.person('user')]
  site = await serve(kit, (app, security) => {
    app.post('/orders/:id', security.open(), (_request, response) => void response.json({}))
    app.use('/static', security.open())
  })
  const headers = { origin: 'https://evil.example' }
  await site.fetch('/orders/canary8f3a', { method: 'POST', headers })
  await site.fetch('/static/canary8f3a.js', { method: 'POST', headers })
  await site.fetch('/auth/login', { method: 'POST', headers })
})
afterAll(async () => {
  await site.stop()
  await kit.close()
})

const read = (query: string, { bearer }: Person = admin) =>
  site.fetch(`/admin/shield/shadow${query}`, { headers: bearer })

describe('GET /admin/shield/shadow', () => {
  it('tells what passed and what was refused, by route', async () => {
    const { json, status, text } = await read('')
    expect(status).toBe(200)
    expect(text).not.toContain('canary')
    expect(json).toMatchObject({
      modes: { csrf: 'shadow', size: 'on' },
      totals: [
        { control: 'csrf', enforced: false, count: 2 },
        { control: 'csrf', enforced: true, count: 1 },
      ],
    })
    const refusals = json?.refusals as { route: string; examples: object[] }[]
    expect(refusals.map(({ route }) => route)).toEqual([
      ...['POST /auth/login', 'POST /orders/:id', 'POST /static/*'],
    ])
    expect(refusals[0]?.examples).toEqual([
      { at: expect.any(Number), requestId: expect.any(String), ip: '127.0.0.1' },
    ])
  })

  it.each([
    ['?enforced=false&days=30', [false]],
    ['?enforced=true&days=1', [true]],
  ])('%s tells that alone', async (query, outcomes) => {
    const totals = (await read(query)).json?.totals as { enforced: boolean }[]
    expect(totals.map(({ enforced }) => enforced)).toEqual(outcomes)
  })

  it.each(['?days=0', '?days=31', '?days=1.5', '?enforced=maybe', '?x=1'])(
    'refuses %s',
    async (query) => {
      expect((await read(query)).status).toBe(400)
    },
  )

  it('is for whoever holds read:security:shield', async () => {
    expect((await read('', user)).status).toBe(403)
    expect((await site.fetch('/admin/shield/shadow')).status).toBe(401)
  })

  it('has rules for days from code as well', async () => {
    for (const days of [0, 31, 1.5, Number.NaN]) {
      await expect(kit.security.shield.report({ days })).rejects.toMatchObject({
        code: 'shield_report_invalid',
      })
    }
  })
})
