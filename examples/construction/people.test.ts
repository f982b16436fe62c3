import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type MadePerson, makeFirstPeople } from './people.ts'
import { type Cast, openCast } from './testdata/cast.ts'
import {
  bearer,
  type Credential,
  describeExample,
  openSite,
  type Person,
  type Site,
} from './testdata/site.ts'

describeExample('people', (engine) => {
  let site: Site
  let cast: Cast

  beforeAll(async () => {
    site = await openSite(engine)
    cast = await openCast(site)
  })

  afterAll(() => site?.close())

  it('managers have no session before a second factor is set up', async () => {
    const [email, password] = [`m-${randomUUID()}@construction.example`, randomUUID()]
    await site.security.users.create({ email, password, roles: ['user', 'manager'] })
    const signIn = () => site.signIn({ email, password })
    const first = await signIn()
    expect(first.json).toMatchObject({ status: 'mfa_required', methods: [] })
    expect(first.json.accessToken).toBeUndefined()
    const { flow } = first.json
    const { json } = await site.call('POST', '/auth/login/enrol/totp/setup', {}, { flow })
    const wrong = { flow, code: '000000' }
    expect((await site.call('POST', '/auth/login/enrol/totp/enable', {}, wrong)).status).toBe(401)
    const right = { flow, code: site.code(json.secret) }
    const last = await site.call('POST', '/auth/login/enrol/totp/enable', {}, right)
    expect(last.json).toMatchObject({ status: 'signed_in', user: { roles: ['manager', 'user'] } })
    expect((await signIn()).json).toMatchObject({
      status: 'mfa_required',
      methods: ['totp', 'recovery_code'],
    })
  })

  it('lists what its reader works on and nothing else', async () => {
    const { manager, other } = cast.people
    const worker = await site.person()
    const ids = async ({ credential }: Person): Promise<readonly string[]> => {
      const { json } = await site.call('GET', '/api/projects', credential)
      return json.projects.map(({ id }: { id: string }) => id)
    }
    expect(await ids(worker)).toEqual([])
    const [first, second] = [await site.project(manager), await site.project(other)]
    await site.join(first, worker)
    expect(await ids(worker)).toEqual([first.id])
    await site.join(second, worker)
    expect((await ids(worker)).toSorted()).toEqual([first.id, second.id].toSorted())
    await site.leave(first, worker)
    expect(await ids(worker)).toEqual([second.id])
    expect(await ids(other)).not.toContain(first.id)
  })

  it('whoever is on more than a thousand projects sees those that came first', async () => {
    const worker = await site.person(['manager'])
    const first = await site.project(cast.people.other)
    await site.join(first, worker)
    const later = { ...first, owner_id: worker.id, created_at: first.created_at + 1 }
    for (let round = 0; round < 20; round += 1) {
      const fifty = Array.from({ length: 50 }, () => ({ ...later, id: randomUUID() }))
      await Promise.all(fifty.map((row) => site.store.addProject(row)))
      // An embedded database works in this thread: connections must not seem dead meanwhile.
      await setImmediate()
    }
    const read = await site.call('GET', `/api/projects/${first.id}`, worker.credential)
    expect([read.status, read.json.id]).toEqual([200, first.id])
    expect((await site.call('GET', '/api/projects', worker.credential)).status).toBe(200)
  })

  it('who makes a project owns it, whoever is taken off', async () => {
    const { manager } = cast.people
    const { project } = await cast.scene()
    const path = `/api/projects/${project.id}`
    const call = (method: string, more = '') => site.call(method, path + more, manager.credential)
    expect((await call('DELETE', `/members/${manager.id}`)).status).toBe(204)
    expect((await call('GET')).json).toMatchObject({ id: project.id, ownerId: manager.id })
    expect((await call('GET', '/tasks')).json).toEqual({ tasks: [] })
  })

  it('what is under way never counts as planned again, so that it cannot be removed', async () => {
    const { manager } = cast.people
    const { project } = await cast.scene({ status: 'active' })
    const path = `/api/projects/${project.id}`
    const back = await site.call('PATCH', path, manager.credential, { status: 'planned' })
    expect(back.status).toBe(400)
    expect((await site.call('DELETE', path, manager.credential)).status).toBe(403)
  })

  it('what changed since the guard has seen it is neither changed nor removed', async () => {
    const { manager } = cast.people
    const { project } = await cast.scene()
    const [, token = ''] = Object.values(manager.credential)[0]?.split(' ') ?? []
    const verified = await site.security.tokens.verify(token)
    if (!verified.ok) throw verified.error
    const attributes = { projects: [project.id] }
    const mine = (permission: string) => verified.auth.rows(permission, undefined, { attributes })
    const { store } = site
    await store.changeProject(project.id, { status: 'active' }, mine('update:projects'))
    expect(await store.removeProject(project.id, mine('delete:projects'))).toBe(false)
    const others = await site.project(await site.person(['manager']))
    expect(await store.changeProject(others.id, { name: 'X' }, mine('update:projects'))).toBe(
      undefined,
    )
    const member = { project_id: others.id, user_id: manager.id, added_at: 0 }
    expect(await store.addMember(member, mine('update:projects'))).toBe(false)
    expect(await store.projectsOf(manager.id)).not.toContain(others.id)
    const owner = { project_id: others.id, user_id: others.owner_id }
    expect(await store.removeMember(owner, mine('update:projects'))).toBe(false)
    expect(await store.projectsOf(others.owner_id)).toEqual([others.id])
    expect((await store.project(project.id))?.status).toBe('active')
    expect((await store.project(others.id))?.name).toBe(others.name)
  })

  it('an assignee finishes a task and hands it to nobody', async () => {
    const { task } = await cast.scene()
    const path = `/api/tasks/${task.id}`
    const change = (body: object) => site.call('PATCH', path, cast.by('assignee'), body)
    expect((await change({ assigneeId: cast.people.member.id })).status).toBe(403)
    expect((await change({ assigneeId: null })).status).toBe(403)
    expect((await change({ status: 'done' })).json.status).toBe('done')
    await site.leave({ id: task.project_id }, cast.people.assignee)
    await site.project(cast.people.assignee)
    expect((await change({ status: 'open' })).status).toBe(404)
    expect((await site.store.task(task.id))?.status).toBe('done')
  })

  it('the first people are made once, and their passwords are shown once', async () => {
    const made: MadePerson[] = []
    const make = () => makeFirstPeople(site.security, (person) => void made.push(person))
    await make()
    await make()
    expect(made.map(({ role }) => role)).toEqual(['super_admin', 'manager', 'user'])
    for (const { email, password, role } of made) {
      const { json } = await site.signIn({ email, password })
      expect(json.status).toBe(role === 'manager' ? 'mfa_required' : 'signed_in')
    }
  })
  it('an administrator gives a role after a fresh proof, and it counts with the next request', async () => {
    const [boss, person] = [await site.person(['super_admin']), await site.person()]
    const give = (credential: Credential) =>
      site.call('POST', `/admin/users/${person.id}/roles`, credential, { role: 'manager' })
    const make = () =>
      site.call('POST', '/api/projects', person.credential, { name: 'X', site: 'Y' })
    for (const caller of ['nobody', 'mason', 'manager', 'key', 'dead'] as const) {
      const { status } = await give(cast.by(caller))
      expect(status, caller).toBe(caller === 'nobody' || caller === 'dead' ? 401 : 403)
    }
    expect((await make()).status).toBe(403)
    expect((await give(boss.credential)).status).toBe(200)
    // A manager without a second factor is below what the role demands.
    expect(await make()).toMatchObject({ status: 401, json: { code: 'step_up_required' } })
    const { json } = await site.signIn(person)
    expect(json).toMatchObject({ status: 'mfa_required' })
    const { refreshToken } = (await site.signIn(boss)).json
    await site.advance(16 * 60_000)
    const stale = (await site.call('POST', '/auth/refresh', {}, { refreshToken })).json.accessToken
    expect(await give(bearer(stale))).toMatchObject({
      ...{ status: 401, json: { code: 'step_up_required' } },
    })
    const fresh = (await site.signIn(boss)).json.accessToken
    expect((await give(bearer(fresh))).status).toBe(200)
  })
})
