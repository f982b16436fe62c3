import { beforeAll, describe, expect, it } from 'vitest'
import { openBench } from '../../../test/adapters/bench.ts'
import { type Kit, openKit, type Person } from '../../../test/adapters/site.ts'

const bench = openBench()
const { protectedSite, secret } = bench
let kit: Kit
let manager: Person
beforeAll(() => {
  kit = bench.kit
  manager = bench.manager
})

describe('when something breaks, a guarded route is 503 and never entered:', () => {
  async function breakIt(breaking: (own: Kit) => unknown, fresh = false) {
    const own = await openKit()
    const person = await own.person('manager')
    const site = await protectedSite((app) => {
      app.get('/orders', own.security.guard('read:orders'), secret)
    }, own)
    if (!fresh) expect((await site.fetch('/orders', { headers: person.bearer })).status).toBe(200)
    bench.entered.length = 0
    await breaking(own)
    const answer = await site.fetch('/orders', { headers: person.bearer })
    const cookie = await site.fetch('/orders', { headers: person.cookie })
    await own.close().catch(() => {})
    return [answer, cookie]
  }

  it.each<[string, (own: Kit) => unknown, boolean]>([
    ['the security is closed', (own) => own.security.close(), false],
    [
      'the database is closed and nothing is remembered',
      (own) => own.security.parts.ground.database.close(),
      true,
    ],
    ['revocation cannot be confirmed', (own) => own.clock.advance(60_000), false],
    [
      'a step throws',
      (own) => {
        own.security.parts.surface.quotas.charge = () => {
          throw new TypeError('deliberate')
        }
      },
      false,
    ],
    [
      'the pipeline is gone',
      (own) => {
        own.security.enter = () => {
          throw new Error('deliberate')
        }
      },
      false,
    ],
    [
      'the pipeline rejects',
      (own) => {
        own.security.enter = () => Promise.reject(new Error('deliberate'))
      },
      false,
    ],
  ])('%s', async (_title, breaking, fresh) => {
    for (const answer of await breakIt(breaking, fresh)) {
      expect(answer.status).toBe(503)
      expect(answer.json?.code).toMatch(/^[a-z_]+$/)
      expect(answer.text).not.toContain('deliberate')
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    }
    expect(bench.entered).toEqual([])
  })

  it('the permission check itself', async () => {
    const site = await protectedSite((app) => {
      app.use((request, _response, next) => {
        let reads = 0
        const get = () => {
          if (reads++ === 0) throw new Error('deliberate')
          return 'GET'
        }
        Object.defineProperty(request, 'method', { get })
        next()
      })
      app.use('/tasks', kit.security.guard.resource('tasks'), secret)
    })
    const answer = await site.fetch('/tasks', { headers: manager.bearer })
    expect(answer).toMatchObject({ status: 503, json: { code: 'unavailable' } })
    expect(bench.entered).toEqual([])
  })
})
