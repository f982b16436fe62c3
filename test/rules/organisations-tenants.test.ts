import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OrganisationView } from '../../src/organisations/index.ts'
import { type Trace, type Watch, watchWork } from './enumeration-kit.ts'
import { openSite, type Person, type Site } from './identity-kit.ts'

const absentId = '01980000-0000-7000-8000-000000000000'

/** A route of members, with a body that would be taken. */
interface Asked {
  readonly method: string
  readonly path: string
  readonly body?: object
}

const routes: readonly Asked[] = [
  { method: 'GET', path: '' },
  { method: 'PATCH', path: '', body: { name: 'Mine' } },
  { method: 'DELETE', path: '' },
  { method: 'POST', path: '/leave' },
  { method: 'GET', path: '/members' },
  { method: 'GET', path: `/members/${absentId}` },
  { method: 'DELETE', path: `/members/${absentId}` },
  { method: 'POST', path: `/members/${absentId}/roles`, body: { role: 'organisation_owner' } },
  { method: 'DELETE', path: `/members/${absentId}/roles/organisation_owner` },
  { method: 'GET', path: '/invitations' },
  { method: 'POST', path: '/invitations', body: { email: 'x@example.com' } },
  { method: 'DELETE', path: `/invitations/${absentId}` },
]

/** What each route answers the only owner with. */
const inside = new Map([
  ['GET ', '200'],
  ['PATCH ', '200'],
  ['DELETE ', '204'],
  ['POST /leave', '409 last_owner'],
  ['GET /members', '200'],
  [`GET /members/${absentId}`, '404 member_not_found'],
  [`DELETE /members/${absentId}`, '404 member_not_found'],
  [`POST /members/${absentId}/roles`, '404 member_not_found'],
  [`DELETE /members/${absentId}/roles/organisation_owner`, '404 member_not_found'],
  ['GET /invitations', '200'],
  ['POST /invitations', '201'],
  [`DELETE /invitations/${absentId}`, '404 invitation_not_found'],
])

let site: Site
let ada: Person
let eve: Person
let acme: OrganisationView
let watch: Watch
beforeAll(async () => {
  site = await openSite()
  ada = await site.signUp('ada@example.com')
  eve = await site.signUp('eve@example.com')
  const { organisations } = site.security
  acme = await organisations.create({ name: 'Acme', slug: 'acme', owner: ada.id })
  await organisations.create({ name: 'Evil', slug: 'evil', owner: eve.id })
  await site.security.parts.ground.jobs.stop()
  watch = watchWork(site)
})
afterAll(async () => {
  watch?.end()
  await site?.close()
})

function ask(method: string, at: string, { bearer }: Person, body?: object) {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const headers = { ...bearer, 'content-type': 'application/json' }
  return site.request(method, `/auth/organisations/${at}`, { headers, ...sent })
}

/** What the answer and its work are, but for the name that was asked for. */
async function trace(method: string, reference: string, path: string, body?: object) {
  const seen = await watch.during(() => ask(method, reference + path, eve, body))
  return { ...seen, headers: seen.headers.filter((line) => !/^ratelimit/.test(line)) } as Trace
}

describe('rule 27: an organisation of others is answered like one that is not there', () => {
  it('the routes of this test are all that there are', () => {
    const base = '/auth/organisations/{organisation}'
    const known = routes.map(({ method, path }) =>
      `${method} ${base}${path}`
        .replace(/(members)\/[^/]+/, '$1/{userId}')
        .replace(/(invitations)\/[^/]+/, '$1/{id}')
        .replace(/(roles)\/[^/]+/, '$1/{role}'),
    )
    const found = site.security.routes
      .filter(({ policy }) => policy.kind === 'member')
      .map(({ method, path }) => `${method} ${path}`)
    expect(found.sort()).toEqual(known.sort())
  })

  it.each(routes)(
    '$method $path: same status, bytes, headers and statements',
    async ({ body, method, path }) => {
      await ask(method, absentId + path, eve, body)
      for (const [foreign, absent] of [
        [acme.id, absentId],
        [acme.slug, 'nothing'],
      ] as const) {
        const [there, nowhere] = [
          await trace(method, foreign, path, body),
          await trace(method, absent, path, body),
        ]
        expect(there.status).toBe(404)
        expect(JSON.parse(there.body.replace(/,}$/, '}')).code).toBe('organisation_not_found')
        expect(there).toEqual(nowhere)
      }
    },
  )

  it.each(routes)(
    '$method $path is there for its members, so the above is no accident',
    async ({ body, method, path }) => {
      const slug = `own-${routes.findIndex((one) => one.method === method && one.path === path)}`
      await site.security.organisations.create({ name: slug, slug, owner: ada.id })
      const { json, status } = await ask(method, slug + path, ada, body)
      expect(inside.get(`${method} ${path}`)).toBe(`${status} ${json?.code ?? ''}`.trim())
    },
  )

  it('nothing of it is counted, listed or changed', async () => {
    const before = JSON.stringify(await site.security.organisations.find(acme.id))
    const { json } = await site.get('/auth/organisations', eve.bearer)
    expect(json.organisations.map(({ slug }: { slug: string }) => slug)).toEqual(['evil'])
    expect(JSON.stringify(await site.security.organisations.find(acme.id))).toBe(before)
    expect((await site.security.organisations.members(acme.id)).members).toHaveLength(1)
  })

  it("is not shown to whoever was let in under a name that is another one's by now", async () => {
    const { organisations, parts } = site.security
    const mine = await organisations.create({ name: 'Mine', slug: 'moving', owner: eve.id })
    const secret = await site.signUp('secret@example.com')
    const theirs = await organisations.create({ name: 'Theirs', slug: 'theirs', owner: secret.id })
    expect((await ask('GET', 'moving/members', eve)).status).toBe(200)
    // As another node does it, of which this one has not heard yet.
    const name = (id: string, slug: string) =>
      parts.ground.database.transaction((trx) =>
        trx.updateTable('hf_organisations').set({ slug }).where('id', '=', id).execute(),
      )
    await name(mine.id, 'moved')
    await name(theirs.id, 'moving')
    for (const path of ['', '/members', `/members/${secret.id}`, '/invitations']) {
      const { text } = await ask('GET', `moving${path}`, eve)
      expect(text, path).not.toMatch(/secret@|theirs/i)
    }
    await ask('PATCH', 'moving', eve, { name: 'Taken' })
    expect((await organisations.find(theirs.id))?.name).toBe('Theirs')
  })

  it('a closed one is none for those who belonged to it', async () => {
    const { organisations } = site.security
    const shut = await organisations.create({ name: 'Shut', slug: 'shut', owner: eve.id })
    expect((await ask('GET', 'shut', eve)).status).toBe(200)
    await organisations.close(shut.id)
    const [closed, absent] = [await trace('GET', 'shut', ''), await trace('GET', 'nothing', '')]
    expect([closed.status, closed.body]).toEqual([404, absent.body])
  })

  it('whoever was removed is outside with the next request', async () => {
    const { organisations } = site.security
    await organisations.addMember(acme.id, { userId: eve.id })
    expect((await ask('GET', 'acme', eve)).status).toBe(200)
    expect((await ask('GET', 'acme/members', eve)).status).toBe(403)
    await organisations.removeMember(acme.id, eve.id)
    expect((await ask('GET', 'acme', eve)).status).toBe(404)
  })
})

describe('roles of an organisation end at its border', () => {
  it('its owner reaches no route of administrators, and nothing of another organisation', async () => {
    for (const path of [
      '/admin/users',
      '/admin/organisations',
      `/admin/organisations/${acme.id}`,
    ]) {
      expect((await site.get(path, eve.bearer)).status, path).toBe(403)
    }
    expect((await site.get('/auth/organisations/evil/members', eve.bearer)).status).toBe(200)
    expect((await site.get('/auth/me', eve.bearer)).json.user.roles).toEqual(['user'])
  })

  it('what it demands is asked of each request, and of no other', async () => {
    const { organisations } = site.security
    const policy = { ipRanges: ['198.51.100.0/24'] }
    await organisations.setPolicy('evil', policy)
    const from = (ip: string) =>
      site.get('/auth/organisations/evil', { ...eve.bearer, 'x-forwarded-for': ip })
    expect((await from('198.51.100.7')).status).toBe(200)
    const refused = await from('203.0.113.7')
    expect([refused.status, refused.json.code]).toEqual([403, 'organisation_address_refused'])
    await organisations.setPolicy('evil', { requiredLevel: 2 })
    const low = await from('203.0.113.7')
    expect([low.status, low.json.code]).toEqual([401, 'step_up_required'])
    expect((await site.get('/auth/me', eve.bearer)).status).toBe(200)
    await organisations.setPolicy('evil', { sessionMaxMs: 300_000 })
    expect((await from('203.0.113.7')).status).toBe(200)
    await site.advance(300_001)
    const old = await from('203.0.113.7')
    expect([old.status, old.json.code, old.json.maxAge]).toEqual([401, 'step_up_required', 300])
  })
})
