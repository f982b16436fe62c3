import express, { type Express } from 'express'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { shareSite } from '../../../test/adapters/shared-site.ts'
import { listen, openKit, serve } from '../../../test/adapters/site.ts'
import type { ExpressSecurity } from './index.ts'

function addRoutes(app: Express, security: ExpressSecurity): void {
  const show = (request: express.Request, response: express.Response) => {
    response.json({ ...request.query })
  }
  app.get('/plain', security.open(), show)
  app.get('/blind', security.open(), (_, response) => void response.json({ ran: true }))
  const tags = security.validate({ query: z.object({ tag: z.array(z.string()).optional() }) })
  app.get('/tags', security.open(), tags, (request, response) => {
    response.json({ valid: tags.of(request).query, sent: request.query })
  })
  const one = security.validate({ query: z.object({ tag: z.string().optional() }) })
  app.get('/tag', security.open(), one, show)
  const inner = express()
  inner.get('/plain', security.open(), show)
  app.use('/inner', inner)
  const object = (request: express.Request) => ({ owner: request.query.owner })
  app.get('/guarded', security.guard('read:own', { object }), show)
  const later = async (request: express.Request) => object(request)
  app.get('/later', security.guard('read:own', { object: later }), show)
  app.use(security.errorHandler())
}

const shared = shareSite(addRoutes)

const repeated = {
  status: 400,
  json: {
    code: 'invalid_request',
    errors: [{ pointer: '#/query/tag', code: 'repeated_parameter' }],
  },
}

describe('rule 31: a parameter of a query', () => {
  it('that was sent once is a text, and lists and objects are never made of its name', async () => {
    const { json } = await shared.site.fetch(
      '/plain?tag=a&b[]=1&c[d]=2&e.f=3&constructor=x&__proto__x=1',
    )
    expect(json).toEqual({
      ...{ tag: 'a', 'b[]': '1', 'c[d]': '2', 'e.f': '3', constructor: 'x', __proto__x: '1' },
    })
  })

  it.each(['/plain?tag=a&tag=b', '/inner/plain?tag=a&x=1&tag=a', '/plain?tag=&%74ag='])(
    'that was sent several times is refused where no schema asks for a list: %s',
    async (path) => {
      expect(await shared.site.fetch(path)).toMatchObject(repeated)
    },
  )

  it('is no list before the handler either, where a guard looks at it', async () => {
    const { bearer } = await shared.kit.person('user')
    const answer = await shared.site.fetch('/guarded?tag=1&tag=2', { headers: bearer })
    expect(answer).toMatchObject(repeated)
    expect(await shared.site.fetch('/later?tag=1&tag=2', { headers: bearer })).toMatchObject(
      repeated,
    )
    expect((await shared.site.fetch('/guarded?tag=1&tag=2')).status).toBe(401)
  })

  it('is a list where the schema says so, and only there', async () => {
    expect(await shared.site.fetch('/tags?tag=a&tag=b')).toMatchObject({
      status: 200,
      json: { valid: { tag: ['a', 'b'] }, sent: { tag: ['a', 'b'] } },
    })
    expect((await shared.site.fetch('/tags?tag=a')).json).toMatchObject({ valid: { tag: ['a'] } })
    const answer = await shared.site.fetch('/tag?tag=a&tag=b')
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ pointer: '#/query/tag' }] } })
    expect((await shared.site.fetch('/tags?tag=a&other=b')).json?.code).toBe('unknown_field')
  })

  it('that nobody reads troubles nobody', async () => {
    expect((await shared.site.fetch('/blind?tag=a&tag=b')).json).toEqual({ ran: true })
  })

  it('is never repeated in the refusal', async () => {
    const { text } = await shared.site.fetch('/plain?tag=hunter2&tag=hunter3')
    expect(text).not.toContain('hunter')
  })
})

describe('the control `validation` and queries that cannot be read', () => {
  const many = new URLSearchParams(Array.from({ length: 1_100 }, (_, at) => [`f${at}`, '1']))
  it.each([
    ['on', 400, [true]],
    ['shadow', 200, [false]],
    ['off', 200, []],
  ] as const)('in mode %s answers %d, counted as its mode says', async (mode, status, enforced) => {
    const other = await openKit({ shield: { validation: mode } })
    const relaxed = await serve(other, addRoutes)
    const found: boolean[] = []
    for (const query of ['tag=%zz', `${many}`]) {
      expect((await relaxed.fetch(`/tags?${query}`)).status).toBe(status)
      const { refusals } = await other.security.shield.report()
      found.push(...refusals.map((one) => one.enforced))
    }
    expect([...new Set(found)]).toEqual(enforced)
    await relaxed.stop()
    await other.close()
  })
})

describe('the control `validation` and repeated parameters', () => {
  it.each([
    ['shadow', [[1, 'GET /plain']]],
    ['off', []],
  ] as const)('in mode %s lets them pass, counted as its mode says', async (mode, counted) => {
    const other = await openKit({ shield: { validation: mode } })
    const relaxed = await serve(other, addRoutes)
    const answer = await relaxed.fetch('/plain?tag=a&tag=b')
    expect(answer).toMatchObject({ status: 200, json: { tag: ['a', 'b'] } })
    const { refusals } = await other.security.shield.report()
    const noted = refusals.filter(({ control }) => control === 'validation')
    expect(noted.map(({ count, route }) => [count, route])).toEqual(counted)
    await relaxed.stop()
    await other.close()
  })

  it('an app with a parser of its own gets what that one makes', async () => {
    const { security } = shared.kit
    const app = security.protect(express())
    app.set('query parser', 'extended')
    app.get('/plain', security.open(), (request, response) => void response.json(request.query))
    const own = await listen(app)
    expect((await own.fetch('/plain?a[b]=1&a[b]=2')).json).toEqual({ a: { b: ['1', '2'] } })
    await own.stop()
  })
})
