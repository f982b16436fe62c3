import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OrganisationOptions } from '../../src/config/index.ts'
import type { Route } from '../../src/http/index.ts'
import { Chance } from '../fuzz/chance.ts'
import type { Person } from './identity-kit.ts'
import { type Asked, looks, openTenants, type TenantSite, type Told } from './tenants-kit.ts'

const seed = Number(process.env.TENANTS_SEED ?? Date.now() % 2 ** 31)
/** Per way of naming; there are two. */
const requests = 5_000
const domain = 'tenants.example'

/** One tenant, and what of it nobody else may ever see. */
interface Tenant {
  readonly id: string
  readonly slug: string
  readonly members: readonly Caller[]
  readonly rowIds: readonly string[]
  readonly memberIds: readonly string[]
  readonly invitationIds: readonly string[]
  /** Words that stand in its rows, names and addresses, and nowhere else. */
  readonly secrets: readonly string[]
}

interface Caller {
  readonly credential: Readonly<Record<string, string>>
  /** Where they belong; undefined: nowhere. */
  readonly of: string | undefined
}

type Naming = 'header' | 'host'

/** A place in a request where an organisation is named. */
type Place = Naming | 'path'

interface Draft {
  readonly route: string
  readonly path: string
  readonly asked: Asked
}

describe.each<Naming>(['header', 'host'])('rule 27: organisations named by %s', (naming) => {
  let site: TenantSite
  let tenants: readonly [Tenant, Tenant]
  let strangers: readonly Caller[]
  let memberRoutes: readonly Route[]

  beforeAll(async () => {
    const organisations: OrganisationOptions =
      naming === 'header' ? { from: 'header' } : { from: 'host', domain }
    site = await openTenants({ organisations })
    tenants = [await makeTenant(site, 'acme'), await makeTenant(site, 'bolt')]
    const lone = await site.member('lone')
    strangers = [{ credential: lone.bearer, of: undefined }, await keyOf(site, lone)]
    memberRoutes = site.security.routes.filter(({ policy }) => policy.kind === 'member')
    expect(memberRoutes.length).toBeGreaterThan(8)
  })
  afterAll(() => site.close())

  test(`${requests} requests leak nothing, and absent is foreign`, async () => {
    const run = new Run({ site, naming, tenants, strangers, memberRoutes })
    await run.all(requests)
    const { admitted, counts, faults, perRoute, sent } = run
    const least = Math.min(...perRoute.values())
    const share = Math.round((100 * admitted) / sent)
    console.log(
      `${naming}: ${sent} requests, ${share} % past authentication, ${perRoute.size} routes, at least ${least} each;`,
      `pairs ${counts.pairs}, of one's own ${counts.own} (${counts.shown} showed rows), leaks ${counts.leaks};`,
      `seed ${seed}`,
    )
    expect(faults, `TENANTS_SEED=${seed}`).toEqual([])
    expect(counts.leaks).toBe(0)
    expect(counts.shown).toBeGreaterThan(counts.own / 2)
    expect(share).toBeGreaterThanOrEqual(60)
    expect(least).toBeGreaterThanOrEqual(50)
  }, 300_000)
})

interface Setting {
  readonly site: TenantSite
  readonly naming: Naming
  readonly tenants: readonly [Tenant, Tenant]
  readonly strangers: readonly Caller[]
  readonly memberRoutes: readonly Route[]
}

class Run {
  readonly perRoute = new Map<string, number>()
  readonly faults: string[] = []
  readonly counts = { pairs: 0, own: 0, shown: 0, leaks: 0 }
  sent = 0
  admitted = 0
  readonly #setting: Setting

  constructor(setting: Setting) {
    this.#setting = setting
  }

  async all(count: number): Promise<void> {
    for (let at = 0; this.sent < count; at++) {
      const chance = new Chance(seed, at)
      if (chance.percent(15)) await this.#ownRequest(chance)
      else if (chance.percent(25)) await this.#foreignObject(chance)
      else await this.#foreignOrganisation(chance)
    }
  }

  /** A member in their own organisation sees its rows, so that the rest is no silence of the site. */
  async #ownRequest(chance: Chance): Promise<void> {
    const tenant = chance.pick(this.#setting.tenants)
    const caller = chance.pick(tenant.members)
    const name = chance.pick([tenant.id, tenant.slug])
    const isPath = chance.percent(50)
    const path = isPath ? `/of/${name}/documents` : '/documents'
    const asked = this.#named(caller, isPath ? [] : [[this.#setting.naming, name]])
    const told = await this.#send(caller, {
      route: `GET ${path.replace(name, '{name}')}`,
      path,
      asked,
    })
    this.counts.own += 1
    if (told.json?.documents?.length === tenant.rowIds.length) this.counts.shown += 1
  }

  /** In one's own organisation, what belongs to another is as absent as what was never there. */
  async #foreignObject(chance: Chance): Promise<void> {
    const [own, foreign] = this.#twoTenants(chance)
    const caller = chance.pick(own.members)
    const which = chance.pick(['document', 'member', 'invitation', 'role'] as const)
    const draft = (id: string): Draft => {
      const base = `/auth/organisations/${own.slug}`
      const plain = this.#named(caller, [])
      if (which === 'member') {
        return { route: 'GET member', path: `${base}/members/${id}`, asked: plain }
      }
      const asked = { ...plain, method: 'DELETE' }
      if (which === 'invitation') {
        return { route: 'DELETE invitation', path: `${base}/invitations/${id}`, asked }
      }
      if (which === 'role') {
        return { route: 'DELETE role', path: `${base}/members/${id}/roles/editor`, asked }
      }
      const named = this.#named(caller, [[this.#setting.naming, own.id]])
      return { route: 'GET document', path: `/documents/${id}`, asked: named }
    }
    const ids = { document: foreign.rowIds, member: foreign.memberIds, role: foreign.memberIds }
    const theirs = which === 'invitation' ? foreign.invitationIds : ids[which]
    await this.#pair(caller, draft(chance.pick(theirs)), draft(absentId(chance)))
  }

  /** An organisation of others, named in any way and spelling, beside one that is none. */
  async #foreignOrganisation(chance: Chance): Promise<void> {
    const [own, foreign] = this.#twoTenants(chance)
    const { strangers } = this.#setting
    const caller = chance.percent(12) ? nobody(chance) : chance.pick([...own.members, ...strangers])
    const isId = chance.percent(50)
    const real = isId ? foreign.id : foreign.slug
    const absent = isId ? absentId(chance) : 'none'
    const spell = chance.pick(spellings)
    const shape = this.#shape(chance, { caller, own, rowId: chance.pick(foreign.rowIds) })
    await this.#pair(caller, shape(spell(real)), shape(spell(absent)))
  }

  /** One request as a function of the name that stands in it. */
  #shape(
    chance: Chance,
    {
      caller,
      own,
      rowId,
    }: { readonly caller: Caller; readonly own: Tenant; readonly rowId: string },
  ): (name: string) => Draft {
    const { memberRoutes, naming } = this.#setting
    if (chance.percent(50)) {
      const { method, path } = chance.pick(memberRoutes)
      const also = chance.percent(30) ? [[naming, own.id] as const] : []
      const asked = { ...this.#named(caller, also), method, ...bodyFor(method) }
      const rest = path.replace('{userId}', own.memberIds[0] ?? '').replace('{role}', 'editor')
      const filled = rest.replace('{id}', own.invitationIds[0] ?? '')
      return (name) => ({
        route: `${method} ${path}`,
        path: filled.replace('{organisation}', name),
        asked,
      })
    }
    const [method, tail] = chance.pick([
      ['GET', '/documents'],
      ['GET', `/documents/${rowId}`],
      ['PUT', `/documents/${rowId}`],
    ] as const)
    const route = `${method} ${tail.replace(rowId, '{id}')}`
    if (chance.percent(50)) {
      const also = chance.percent(50) ? [[naming, own.slug] as const] : []
      const asked = { ...this.#named(caller, also), method }
      return (name) => ({ route: `${route} of a path`, path: `/of/${name}${tail}`, asked })
    }
    const path = chance.percent(80) ? tail : '/inside'
    return (name) => ({
      ...{ route: path === tail ? route : 'GET /inside', path },
      asked: { ...this.#named(caller, [[naming, name]]), method: path === tail ? method : 'GET' },
    })
  }

  #named({ credential }: Caller, places: readonly (readonly [Place, string])[]): Asked {
    const named = places.map(([place, name]) =>
      place === 'host' ? ['host', `${name}.${domain}`] : ['x-organisation', name],
    )
    return { headers: { ...credential, ...Object.fromEntries(named) } }
  }

  #twoTenants(chance: Chance): readonly [own: Tenant, foreign: Tenant] {
    const [one, two] = this.#setting.tenants
    return chance.percent(50) ? [one, two] : [two, one]
  }

  async #pair(caller: Caller, foreign: Draft, absent: Draft): Promise<void> {
    this.counts.pairs += 1
    const theirs = await this.#send(caller, foreign)
    const none = await this.#send(caller, absent)
    const [one, two] = [looks(theirs), looks(none)].map((seen) => JSON.stringify(seen))
    if (one !== two) this.#fault(foreign, `differs from ${absent.path}:\n${one}\n${two}`)
    if (theirs.status < 400) this.#fault(foreign, `is answered with ${theirs.status}`)
  }

  async #send(caller: Caller, draft: Draft): Promise<Told> {
    const told = await this.#setting.site.ask(draft.path, draft.asked)
    this.sent += 1
    if (told.status !== 401 && told.status !== 429) this.admitted += 1
    this.perRoute.set(draft.route, (this.perRoute.get(draft.route) ?? 0) + 1)
    const whole = `${told.text} ${JSON.stringify(told.headers)}`
    for (const { id, secrets } of this.#setting.tenants) {
      if (caller.of === id || !secrets.some((secret) => whole.includes(secret))) continue
      this.counts.leaks += 1
      this.#fault(draft, `tells of ${id}: ${told.text}`)
    }
    return told
  }

  #fault({ asked, path }: Draft, what: string): void {
    if (this.faults.length >= 20) return
    this.faults.push(`${asked.method ?? 'GET'} ${path} ${JSON.stringify(asked.headers)} ${what}`)
  }
}

const spellings: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name,
  (name) => name.toUpperCase(),
  (name) => `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`,
  (name) => `${name}.`,
  (name) => `${name}%20`,
  (name) => `${name}%00`,
  (name) => `${name};x=1`,
  (name) => `"${name}"`,
  (name) => `${name},${name}`,
  (name) => `${name}%2f`,
  (name) => `x.${name}`,
]

function absentId(chance: Chance): string {
  const digits = Array.from({ length: 12 }, () => chance.pick([...'0123456789abcdef'])).join('')
  return `01990000-0000-7000-8000-${digits}`
}

/** Whoever shows nothing, or something that is nobody's. */
function nobody(chance: Chance): Caller {
  const shown = [{}, { authorization: 'Bearer nobody' }, { 'x-api-key': 'hf_test_nobody' }]
  return { credential: chance.pick(shown) as Caller['credential'], of: undefined }
}

function bodyFor(method: string): Pick<Asked, 'body'> {
  if (method === 'GET' || method === 'DELETE') return {}
  return { body: method === 'PATCH' ? { name: 'Mine' } : {} }
}

async function makeTenant(site: TenantSite, slug: string): Promise<Tenant> {
  const { organisations } = site.security
  const { id } = await organisations.create({ slug, name: `secret-name-${slug}` })
  const names = ['owner', 'editor', 'reader'].map((role) => `secret-${role}-${slug}`)
  const roles = [['organisation_owner'], ['editor', 'organisation_member'], ['editor']]
  const people: Person[] = []
  for (const [at, name] of names.entries()) {
    people.push(await site.member(name, [{ id }, ...(roles[at] ?? [])]))
  }
  const invitation = await organisations.invite(id, { email: `secret-invited-${slug}@example.com` })
  const rowIds = ['1', '2', '3'].map((at) => `${slug}-${at}`)
  for (const rowId of rowIds) {
    site.rows.push({ id: rowId, organisation_id: id, title: `secret-title-${rowId}` })
  }
  const [, editor] = people
  const sessions = people.map(({ bearer }) => ({ credential: bearer, of: id }))
  return {
    ...{ id, slug, rowIds, invitationIds: [invitation.id] },
    memberIds: people.map((person) => person.id),
    members: [...sessions, ...(editor ? [await keyOf(site, editor, id)] : [])],
    secrets: [`secret-name-${slug}`, `secret-title-${slug}`, `-${slug}@example.com`],
  }
}

async function keyOf(site: TenantSite, { bearer }: Person, of?: string): Promise<Caller> {
  const scopes = of === undefined ? ['read:own'] : ['read:documents', 'write:documents']
  const body = { name: 'a key', scopes, ...(of === undefined ? {} : { organisation: of }) }
  const made = await site.ask('/api/keys', { method: 'POST', body, headers: bearer })
  if (made.status !== 201) throw new Error(made.text)
  return { credential: { 'x-api-key': made.json.key }, of }
}
