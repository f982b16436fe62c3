import { afterAll, beforeAll, expect, it } from 'vitest'
import { RawClient } from '../adapters/raw-http.ts'
import { askBy } from '../fuzz/ask.ts'
import { cookiesOf, goodPassword, type ServedApp, serveApp } from '../served-app.ts'

let app: ServedApp
let cookie = ''

beforeAll(async () => {
  app = await serveApp({}, (site, security) => {
    for (const method of ['put', 'patch', 'delete'] as const) {
      site[method]('/api/orders', security.guard('read:orders'), (_, response) => {
        response.json({})
      })
    }
  })
  await app.person('admin@example.com', ['admin'])
  const body = { email: 'admin@example.com', password: goodPassword, transport: 'session' }
  cookie = cookiesOf(await app.request('POST', '/auth/login', { body }))
})
afterAll(() => app.stop())

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const sites = ['same-origin', 'none', 'same-site', 'cross-site', 'cross-origin', ''] as const
const modes = ['navigate', 'cors', 'no-cors', 'same-origin', 'websocket', 'x'] as const
const targets = ['document', 'empty', 'iframe', 'image', 'script', 'object'] as const
const types = ['application/json', 'application/x-www-form-urlencoded', 'text/plain'] as const

/** Sec-Fetch-Site decides; how and for what a page asked can only be told by who must not ask. */
it.each(methods)(
  '%s: neither the mode nor the destination of a fetch opens a door',
  async (method) => {
    const client = await RawClient.open(Number(new URL(app.base).port))
    const reads = method === 'GET' || method === 'HEAD'
    const count = { passed: 0, refused: 0 }
    for (const site of sites) {
      for (const mode of modes) {
        for (const target of targets) {
          for (const type of types) {
            const headers = {
              ...{
                cookie,
                'sec-fetch-site': site,
                'sec-fetch-mode': mode,
                'sec-fetch-dest': target,
              },
              'sec-fetch-user': '?1',
            }
            const sent = reads ? { type: '' } : { type, body: type.endsWith('json') ? '{}' : 'a=1' }
            const { status } = await askBy(client, {
              method,
              path: '/api/orders',
              headers,
              ...sent,
            })
            const passes = reads || site === 'same-origin' || site === 'none'
            expect([status, site, mode, target, type]).toEqual([
              ...[passes ? 200 : 403, site, mode, target, type],
            ])
            if (passes) count.passed += 1
            else count.refused += 1
          }
        }
      }
    }
    client.close()
    expect(count).toEqual(reads ? { passed: 648, refused: 0 } : { passed: 216, refused: 432 })
  },
)
