import express from 'express'
import { describe, expect, it } from 'vitest'
import type { SecurityOptions } from '../src/adapters/express/index.ts'
import { detectionRules } from '../src/detection/index.ts'
import { openKit, serve } from './adapters/site.ts'
import { page, rows } from './guide-kit.ts'

const guide = page('docs/guides/attack-detection.md')
const block = (start: string) =>
  new RegExp(`^\`\`\`ts\\n(${start}.*?)^\`\`\`$`, 'ms').exec(guide)?.[1] ?? ''
const options = (name: string): Partial<SecurityOptions> =>
  new Function(`${block(`const ${name} `).replace(' as const', '')};return ${name}`)()
const query = (text: string) => `q=${encodeURIComponent(text)}`
const union = query("1' union select name from users--")
const form = { 'content-type': 'application/x-www-form-urlencoded' }

describe('attack-detection.md', () => {
  it('monitor lets pass, and its program finds the rule, the route and the field', async () => {
    const kit = await openKit(options('options'))
    const { security } = kit
    const site = await serve(kit, (app) => {
      app.get('/items', security.open(), (_request, response) => void response.json({}))
    })
    expect((await site.fetch(`/items?${union}`)).status).toBe(200)
    const code = `return (async () => { ${block('const \\{ refusals')}; return suspicious })()`
    const suspicious = await new Function('security', code)(security)
    expect(suspicious).toContainEqual(
      expect.objectContaining({ rule: 'sql.union', route: 'GET /items', enforced: false }),
    )
    expect(suspicious[0].examples[0].field).toBe('query.q')
    await site.stop()
    await kit.close()
  })

  it('its exemptions let pass what they name, and nothing else', async () => {
    const kit = await openKit(options('exempted'))
    const { security } = kit
    const site = await serve(kit, (app) => {
      const fine: express.RequestHandler = (_request, response) => void response.json({})
      app.use('/playground', security.open(), fine)
      app.get('/search', security.open(), fine)
      app.post('/articles/:id', security.open(), fine)
    })
    const script = encodeURIComponent('<script>alert(1)</script>')
    const post = (body: string) =>
      site.fetch('/articles/7', { method: 'POST', headers: form, body })
    expect((await post(`html=${script}`)).status).toBe(200)
    expect((await post(`title=${script}`)).status).toBe(403)
    expect((await site.fetch(`/search?${query('union select 1,2')}`)).status).toBe(200)
    expect((await site.fetch(`/search?${query('../../etc/passwd')}`)).status).toBe(403)
    expect((await site.fetch(`/playground/a/b?${union}`)).status).toBe(200)
    await site.stop()
    await kit.close()
  })

  it('block refuses with one code; its route for XML is inspected', async () => {
    const kit = await openKit(options('blocking'))
    const { security } = kit
    const site = await serve(kit, (app) => {
      const feed: express.RequestHandler = (_request, response) => void response.json({})
      new Function('app', 'security', 'express', 'feed', block('app\\.post'))(
        app,
        security,
        express,
        feed,
      )
    })
    const { json, status } = await site.fetch(`/feed?${union}`)
    expect([status, json?.code]).toEqual([403, 'request_suspicious'])
    const body = '<a b="&lt;script&gt;alert(1)&lt;/script&gt;"/>'
    const headers = { 'content-type': 'text/xml' }
    expect((await site.fetch('/feed', { method: 'POST', headers, body })).status).toBe(403)
    await site.stop()
    await kit.close()
  })

  it('a long feed passes where its rule is lifted, and an attack in it does not', async () => {
    const outcomes = [
      { chosen: options('feeds'), expected: 200 },
      { chosen: options('blocking'), expected: 413 },
    ]
    for (const { chosen, expected } of outcomes) {
      const kit = await openKit(chosen)
      const { security } = kit
      const site = await serve(kit, (app) => {
        const text = express.text({ type: 'text/xml', limit: '1mb' })
        const feed: express.RequestHandler = (_request, response) => void response.json({})
        app.post('/feed', security.open(), text, security.inspect(), feed)
      })
      const send = (body: string) =>
        site.fetch('/feed', { method: 'POST', headers: { 'content-type': 'text/xml' }, body })
      const long = `<a>${"|'".repeat(20_000)}</a>`
      expect((await send(long)).status).toBe(expected)
      expect((await send(`<a>${'lorem ipsum, dolor '.repeat(25_000)}</a>`)).status).toBe(200)
      expect((await send(`<a b="<script>alert(1)</script>"/>${long}`)).status).toBe(403)
      await site.stop()
      await kit.close()
    }
  })

  it('names every mode and every class of rules', () => {
    const modes = rows(guide, '| mode |').map(([, cell]) => cell?.[0])
    expect(modes).toEqual(['off', 'monitor', 'block'])
    const told = rows(guide, '| part |').find(([, cell]) => cell?.[0] === 'rules')?.[2]
    expect(new Set(told)).toEqual(new Set(detectionRules.map((rule) => rule.class)))
  })
})
