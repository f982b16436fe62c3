import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { from, openSite, type Site } from './identity-kit.ts'

const points = 5
const patience = { timeout: 20_000 }

describe('rule 12: what was never seen is looked up no more often at once than its client has points', () => {
  let site: Site
  beforeAll(async () => {
    site = await openSite({
      limits: { general: { points, window: '15m' } },
      organisations: { from: 'header', tenancy: 'isolated' },
    })
  })
  afterAll(() => site.close())

  /** Sends many requests at once while no look-up ends; their answers, and how many look-ups began. */
  async function flood(address: string, held: Held, headersOf: (n: number) => object) {
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const spy = held(gate)
    let refused = 0
    const asked = Array.from({ length: 20 }, async (_, n) => {
      const { status } = await site.get('/open', { ...from(address), ...headersOf(n) })
      if (status === 429) refused++
      return status
    })
    try {
      await expect.poll(() => refused, patience).toBe(20 - points)
      release()
      return { statuses: await Promise.all(asked), lookUps: spy.mock.calls.length }
    } finally {
      release()
      spy.mockRestore()
    }
  }

  type Held = (gate: Promise<void>) => { mock: { calls: unknown[] }; mockRestore(): void }
  const rooms = () => site.security.parts.rooms

  it('API keys', async () => {
    const keys = rooms().keyAuthenticator
    const real = keys.authenticate.bind(keys)
    const held: Held = (gate) =>
      vi.spyOn(keys, 'authenticate').mockImplementation((shown) => gate.then(() => real(shown)))
    const { lookUps } = await flood('198.51.100.1', held, (n) => ({ 'x-api-key': `unknown-${n}` }))
    expect(lookUps).toBe(points)
  })

  it('access tokens', async () => {
    const { authenticator } = rooms()
    const real = authenticator.bearer.bind(authenticator)
    const held: Held = (gate) =>
      vi
        .spyOn(authenticator, 'bearer')
        .mockImplementation((shown) => gate.then(async () => real(shown)))
    const unknown = (n: number) => ({ authorization: `Bearer unknown-${n}` })
    expect((await flood('198.51.100.2', held, unknown)).lookUps).toBe(points)
  })

  it('names of organisations', async () => {
    const { realms } = rooms()
    if (!realms) throw new Error('there are no realms')
    const real = realms.find.bind(realms)
    const held: Held = (gate) =>
      vi.spyOn(realms, 'find').mockImplementation((name) => gate.then(() => real(name)))
    const named = (n: number) => ({ 'x-organisation': `acme-${n}` })
    expect((await flood('198.51.100.3', held, named)).lookUps).toBe(points)
  })

  it('and a look-up that could not be made costs no point', async () => {
    const keys = rooms().keyAuthenticator
    const headers = from('198.51.100.4')
    const spy = vi.spyOn(keys, 'authenticate').mockImplementation(async () => {
      throw new Error('the database is away')
    })
    try {
      for (let n = 0; n < 2 * points; n++) {
        expect((await site.get('/open', { ...headers, 'x-api-key': `k-${n}` })).status).toBe(503)
      }
    } finally {
      spy.mockRestore()
    }
    for (let n = 0; n < points; n++) expect((await site.get('/open', headers)).status).toBe(200)
    expect((await site.get('/open', headers)).status).toBe(429)
  })
})
