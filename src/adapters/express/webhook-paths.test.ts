import express, { type Request, type RequestHandler, Router } from 'express'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { markPolicy } from './types.ts'
import { RouteWalk } from './walk.ts'
import { WebhookPaths } from './webhook-paths.ts'

const policy = { kind: 'webhook', provider: 'shopify', name: 'shopify', maxBytes: 7 } as const

interface Flags {
  readonly caseSensitive: boolean
  readonly strict: boolean
}

interface Built {
  /** Whether the router hands a POST to the webhook. */
  readonly reaches: (url: string) => boolean
  /** Whether it was taken for one before. */
  readonly foreseen: (url: string) => boolean
}

/** An app with a webhook at `path`, in a router at `mount` or, without one, in the app itself. */
function built(place: { mount?: string; path: string; outer: Flags; inner: Flags }): Built {
  const { inner, mount, outer, path } = place
  let reached = false
  const webhook = markPolicy(() => {
    reached = true
  }, policy)
  const app = express()
  app.set('case sensitive routing', outer.caseSensitive)
  app.set('strict routing', outer.strict)
  if (mount === undefined) app.post(path, webhook)
  else app.use(mount, Router(inner).post(path, webhook))
  const walk = new RouteWalk(() => undefined)
  walk.router(app.router as never)
  const paths = new WebhookPaths()
  paths.learn(walk.found)
  const request = (url: string) => ({ method: 'POST', url, originalUrl: url }) as Request
  return {
    foreseen: (url) => paths.limitFor(request(url)) === 7,
    reaches: (url) => {
      reached = false
      const run = app.router as unknown as RequestHandler
      run(request(url), {} as never, () => {})
      return reached
    },
  }
}

const plain = { caseSensitive: false, strict: false }
const flags = fc.record({ caseSensitive: fc.boolean(), strict: fc.boolean() })
const written = fc.constantFrom(
  '/',
  '/hook',
  '/Hook',
  '/hook/',
  '/Hook/Shop',
  '/:shop',
  '/a/:shop/',
)
const asked = fc
  .array(fc.constantFrom('in', 'IN', 'hook', 'Hook', 'HOOK', 'Shop', 'shop', 'a', 'A', ''), {
    maxLength: 4,
  })
  .map((segments) => `/${segments.join('/')}`)

it('nothing is taken for a delivery that its router would not hand to the webhook', () => {
  const places = fc.record(
    {
      mount: fc.constantFrom('/in', '/In/', '/hook', '/'),
      path: written,
      outer: flags,
      inner: flags,
    },
    { requiredKeys: ['path', 'outer', 'inner'] },
  )
  let both = 0
  fc.assert(
    fc.property(places, fc.array(asked, { minLength: 5, maxLength: 20 }), (place, urls) => {
      const { foreseen, reaches } = built(place)
      for (const url of urls.filter(foreseen)) {
        both += 1
        expect([place, url, reaches(url)]).toEqual([place, url, true])
      }
    }),
    { numRuns: 500 },
  )
  expect(both).toBeGreaterThan(50)
})

it('a webhook is known by every spelling that its router takes', () => {
  const spellings = ['/Hook', '/hook', '/hook/', '/HOOK/', '/hook//', '/hooks', '/hook/x']
  for (const outer of [plain, { ...plain, strict: true }, { ...plain, caseSensitive: true }]) {
    const { foreseen, reaches } = built({ path: '/Hook', outer, inner: plain })
    expect(spellings.filter(foreseen)).toEqual(spellings.filter(reaches))
  }
})

it('a webhook at the root of a strict router is known with a slash and without', () => {
  const inner = { caseSensitive: false, strict: true }
  const { foreseen, reaches } = built({ mount: '/hooks', path: '/', outer: plain, inner })
  for (const url of ['/hooks', '/hooks/', '/Hooks/']) {
    expect([url, foreseen(url), reaches(url)]).toEqual([url, true, true])
  }
})
