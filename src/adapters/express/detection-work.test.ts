import express from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { baseUrl, type Kit, listen, openKit } from '../../../test/adapters/site.ts'
import type { SecurityOptions } from './index.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function open(detection: NonNullable<SecurityOptions['detection']>) {
  const kit = await openKit({ detection })
  const { security } = kit
  const app = security.protect(express())
  const fine: express.RequestHandler = (_request, response) => void response.json({})
  const text = express.text({ type: 'text/plain', limit: '1mb' })
  app.get('/go', security.open(), fine)
  app.post('/notes', security.open(), text, security.inspect(), fine)
  const twice = [security.inspect(), security.inspect()]
  app.post('/twice', security.open(), text, ...twice, fine)
  const site = await listen(app)
  stops.push(site.stop, () => kit.close())
  return { kit, site }
}

/** A text that no rule speaks of and that has most of them tried. */
const costly = "|'".repeat(20_000)
const post = (site: Awaited<ReturnType<typeof open>>['site'], path: string, body: string) =>
  site.fetch(path, { method: 'POST', headers: { 'content-type': 'text/plain' }, body })
const counted = async ({ security }: Kit) =>
  (await security.shield.report()).refusals.map(({ count, enforced, rule }) => [
    ...[rule, enforced, count],
  ])

describe('a request that costs too much to look through', () => {
  it('is refused in mode block with a code of its own, and told in report, log and record', async () => {
    const { kit, site } = await open({ mode: 'block' })
    const answer = await post(site, '/notes', costly)
    expect([answer.status, answer.json?.code]).toEqual([413, 'inspection_cut_short'])
    expect(await counted(kit)).toEqual([['work.exceeded', true, 1]])
    const line = kit.log.find(({ message }) => message.includes('costs too much to look through'))
    expect(line?.fields).toMatchObject({ requestId: answer.json?.requestId, enforced: true })
    await kit.security.parts.rooms.detector.flush()
    const { audit } = kit.security.parts.ground
    const items = await audit.find({ action: 'detection.blocked', limit: 9 })
    expect(items).toHaveLength(1)
    expect(JSON.stringify(items)).toContain('work.exceeded')
  })

  it('hides no attack behind what costs much', async () => {
    const { site } = await open({ mode: 'block' })
    expect((await post(site, '/notes', `${costly}<script>alert(1)</script>`)).status).toBe(413)
    const first = await post(site, '/notes', `<script>alert(1)</script>${costly}`)
    expect(first.json?.code).toBe('request_suspicious')
  })

  it('is one request, however many times it is looked at', async () => {
    const { kit, site } = await open({ mode: 'block' })
    const half = costly.slice(0, 25_000)
    expect((await post(site, '/notes', half)).status).toBe(200)
    expect((await post(site, '/twice', half)).json?.code).toBe('inspection_cut_short')
    expect(await counted(kit)).toEqual([['work.exceeded', true, 1]])
  })

  it('passes in mode monitor, counted once', async () => {
    const { kit, site } = await open({ mode: 'monitor' })
    expect((await post(site, '/twice', costly)).status).toBe(200)
    expect(await counted(kit)).toEqual([['work.exceeded', false, 1]])
  })

  it('passes where its path is exempt from that rule, by the whole request alone', async () => {
    const rules = ['work.exceeded']
    const { site } = await open({
      mode: 'block',
      exempt: [
        { path: '/notes', rules },
        { path: '/twice', rules, fields: ['body'] },
      ],
    })
    expect((await post(site, '/notes', costly)).status).toBe(200)
    expect((await post(site, '/twice', costly)).status).toBe(413)
  })
})

describe('an address of the app itself', () => {
  const go = (address: string) => `/go?returnTo=${encodeURIComponent(address)}`

  it('is no attack on it, where `baseUrl` is this machine', async () => {
    const { site } = await open({ mode: 'block' })
    for (const address of [`${baseUrl}/x`, `${baseUrl}/`, `${baseUrl}/a?b=c#d`]) {
      expect((await site.fetch(go(address))).status, address).toBe(200)
    }
    expect((await site.fetch(`/go?returnTo=${baseUrl}/x`)).status).toBe(200)
  })

  it.each([
    ...['http://localhost:3001/x', 'http://localhost:30000/x', 'http://localhost/x'],
    ...['https://localhost:3000/x', 'http://127.0.0.1:3000/x', 'http://[::1]:3000/x'],
    ...['http://localhost:3000@127.0.0.1/x', 'http://a@localhost:3000/x', 'localhost:3000/x'],
    ...['http://LOCALHOST:3000/x', 'http://localhost:3000\\@127.0.0.1/', '//localhost:3000/x'],
    ...['http://localhost:3000/\\a', 'http://localhost:3000/\tx', 'http://localhost:3000//x'],
  ])('is its origin letter by letter and nothing like it: %s', async (address) => {
    const { kit, site } = await open({ mode: 'block' })
    const answer = await site.fetch(go(address))
    const first = (await counted(kit))[0]?.[0]
    // What begins otherwise than an address of this machine is no matter of the rule.
    if (address.startsWith('//')) expect(answer.status).toBe(200)
    else expect([answer.status, first]).toEqual([403, expect.any(String)])
  })
})
