import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  type Asker,
  again,
  openAskers,
  openWorld,
  pickBy,
  rowsForeignTo,
  shotAt,
  type World,
} from './testdata/requests.ts'
import { describeExample, openSite, type Site } from './testdata/site.ts'

const requests = 2_000

describeExample('isolation', (engine) => {
  let site: Site
  let askers: readonly Asker[]
  let world: World
  const pick = pickBy(20_261_122)

  beforeAll(async () => {
    site = await openSite(engine)
    askers = await openAskers(site)
    const people = [...new Set(askers.map(({ person }) => person))]
    world = await openWorld(site, people, pick)
  })

  afterAll(() => site?.close())

  /** Asks once, and finds nothing told and nothing changed of what is not theirs. */
  async function ask(): Promise<'ok' | 'hidden' | 'refused'> {
    const { credential, person, prefix } = pick(askers)
    const { about, body, method, path } = shotAt(world, pick)
    const said = path + JSON.stringify(body ?? '')
    const foreign = await rowsForeignTo(site, world, person)
    const { status, text } = await site.call(method, prefix + path, credential, body)
    expect(status, `${method} ${said}: ${text}`).toBeLessThan(500)
    for (const row of foreign) {
      if (!said.includes(row.id)) expect(text).not.toContain(row.id)
      expect(text).not.toContain('title' in row ? row.title : row.name)
    }
    expect(await again(site, foreign)).toEqual(foreign)
    const isHidden = foreign.some(({ id }) => id === about?.id)
    if (isHidden) expect([403, 404], `${method} ${said}`).toContain(status)
    if (isHidden) return 'hidden'
    return status < 300 ? 'ok' : 'refused'
  }

  it(`${requests} requests at random show and change nothing of projects of others`, async () => {
    const counts = { ok: 0, hidden: 0, refused: 0 }
    for (let asked = 0; asked < requests; asked++) counts[await ask()]++
    // Enough of each kind that the rule has been tried from both sides.
    expect(counts.ok).toBeGreaterThan(requests / 5)
    expect(counts.hidden).toBeGreaterThan(requests / 5)
    expect(counts.refused).toBeGreaterThan(requests / 50)
  }, 240_000)
})
