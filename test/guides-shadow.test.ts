import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands } from '../cli/commands.ts'
import { type Kit, openKit, serve } from './adapters/site.ts'
import { rows } from './guide-kit.ts'

const guide = readFileSync(new URL('../docs/guides/shadow-mode.md', import.meta.url), 'utf8')
const block = (start: string) =>
  new RegExp(`^\`\`\`ts\\n(${start}.*?)^\`\`\`$`, 'ms').exec(guide)?.[1] ?? ''

let kit: Kit
beforeAll(async () => {
  const code = block('const options').replace(' as const', '')
  kit = await openKit(new Function(`${code};return options`)())
})
afterAll(() => kit.close())

describe('shadow-mode.md', () => {
  it('its options let pass and count, as its program reads', async () => {
    const { security } = kit
    const site = await serve(kit, (app) => {
      app.post('/orders', security.open(), (_request, response) => void response.json({}))
      app.get('/orders', security.guard('read:secrets'), (_request, response) => {
        response.json({})
      })
    })
    const headers = { origin: 'https://other.example' }
    for (let round = 0; round < 3; round++) {
      expect((await site.fetch('/orders', { method: 'POST', headers })).status).toBe(200)
    }
    const person = await kit.person('user')
    expect((await site.fetch('/orders', { headers: person.bearer })).status).toBe(200)
    const code = `return (async () => { ${block('const \\{ totals')}; return { totals, refusals } })()`
    const { refusals, totals } = await new Function('security', code)(security)
    expect(totals).toEqual([
      { control: 'access', enforced: false, count: 1, requests: 1 },
      { control: 'csrf', enforced: false, count: 3, requests: 3 },
    ])
    expect(refusals).toMatchObject([{ route: 'POST /orders' }, { route: 'GET /orders' }])
    await site.stop()
  })

  it('names every control, its route, its permission and its command rightly', async () => {
    const named = rows(guide, '| control |').map(([, cell]) => cell?.[0])
    expect(named).toEqual(Object.keys(kit.security.config.shield))
    const own = kit.security.routes.find(({ path }) => path === '/admin/shield/shadow')
    expect(own?.policy).toEqual({ kind: 'permission', permission: 'read:security:shield' })
    expect(guide).toContain('`GET /admin/shield/shadow?days=7&enforced=false`')
    const { options = {} } = commands.find(({ name }) => name === 'shield report') ?? {}
    const [, line = ''] = /^npx holdfast shield report (.*)$/m.exec(guide) ?? []
    const used = [...line.matchAll(/--(\w+)/g)].map(([, name = '']) => name)
    expect(Object.keys(options)).toEqual(expect.arrayContaining([...used, 'all']))
  })

  it('its line names routes that Holdfast cannot see', async () => {
    const code = `return (async () => { ${block('await security.ready')} })()`
    await new Function('security', code)(kit.security)
    const refused = { method: 'GET', path: '/orders/7' }
    expect(kit.security.parts.ground.shieldRoutes.nameOf(refused)).toBe('GET /orders/:id')
  })
})
