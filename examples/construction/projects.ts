import { randomUUID } from 'node:crypto'
import { type Request, type Response, Router } from 'express'
import { type RowFilter, SecurityError } from 'holdfast'
import type { ExpressSecurity, GuardOptions } from 'holdfast/express'
import { attributesOf, callerOf } from './caller.ts'
import type { ProjectRow } from './database.ts'
import { idOf, newMember, newProject, projectChange } from './input.ts'
import type { ConstructionStore } from './store.ts'

export interface ConstructionParts {
  readonly security: ExpressSecurity
  readonly store: ConstructionStore
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Guards that know whose projects the caller works on, and load the project of the path. */
export function projectGuards({ store }: Pick<ConstructionParts, 'store'>) {
  const attributes = (request: Request) => attributesOf(store, callerOf(request))
  const object = (request: Request) => {
    const id = idOf(request, 'projectId')
    return id === undefined ? undefined : store.project(id)
  }
  const list: GuardOptions = { rows: true, attributes }
  const one: GuardOptions = { object, attributes }
  return { list, one }
}

/** `/projects`: list, make, read, change, remove; and who works on them. */
export function projectRoutes(parts: ConstructionParts): Router {
  const { security, store, now } = parts
  const { guard } = security
  const { list, one } = projectGuards(parts)
  const made = security.validate({ body: newProject })
  const changed = security.validate({ body: projectChange })
  const routes = Router()
  routes.get('/', guard('read:projects', list), async (request, response) => {
    const auth = callerOf(request)
    const attributes = await attributesOf(store, auth)
    const visible = auth.rows('read:projects', 'projects', { attributes })
    response.json({ projects: (await store.projects(visible)).map(shown) })
  })
  routes.post('/', guard('create:projects'), made, async (request, response) => {
    const { name, site } = made.of(request).body
    const project: ProjectRow = {
      ...{ id: randomUUID(), name, site, status: 'planned' },
      ...{ owner_id: callerOf(request).userId, created_at: now() },
    }
    await store.addProject(project)
    response.status(201).json(shown(project))
  })
  routes.get('/:projectId', guard('read:projects', one), (request, response) => {
    response.json(shown(projectOf(request)))
  })
  routes.patch('/:projectId', guard('update:projects', one), changed, async (request, response) => {
    const { body } = changed.of(request)
    const mine = await reachOf(parts, request, 'update:projects')
    const project = await store.changeProject(projectOf(request).id, body, mine)
    answer(response, project && shown(project))
  })
  routes.delete('/:projectId', guard('delete:projects', one), async (request, response) => {
    const mine = await reachOf(parts, request, 'delete:projects')
    if (!(await store.removeProject(projectOf(request).id, mine))) throw notFound()
    response.status(204).end()
  })
  addMembers(routes, parts)
  return routes
}

/**
 * The rows that the caller may touch, for the statement that touches one: what the guard has seen may
 * have changed since.
 */
export async function reachOf(
  { store }: Pick<ConstructionParts, 'store'>,
  request: Request,
  permission: string,
): Promise<RowFilter> {
  const auth = callerOf(request)
  return auth.rows(permission, undefined, { attributes: await attributesOf(store, auth) })
}

function addMembers(routes: Router, parts: ConstructionParts): void {
  const { security, store, now } = parts
  const mayChange = security.guard('update:projects', projectGuards(parts).one)
  const mineOf = (request: Request) => reachOf(parts, request, 'update:projects')
  const added = security.validate({ body: newMember })
  routes.post('/:projectId/members', mayChange, added, async (request, response) => {
    const { userId } = added.of(request).body
    const member = { project_id: projectOf(request).id, user_id: userId, added_at: now() }
    if (!(await store.addMember(member, await mineOf(request)))) throw notFound()
    response.status(204).end()
  })
  routes.delete('/:projectId/members/:userId', mayChange, async (request, response) => {
    const userId = idOf(request, 'userId')
    if (userId === undefined) return void response.status(204).end()
    const member = { project_id: projectOf(request).id, user_id: userId }
    if (!(await store.removeMember(member, await mineOf(request)))) throw notFound()
    response.status(204).end()
  })
}

/** The project that the guard has loaded and judged. */
export function projectOf(request: Request): ProjectRow {
  return request.object as ProjectRow
}

/** 404 for what went while it was being changed. */
export function answer(response: Response, json: object | undefined): void {
  if (!json) throw notFound()
  response.json(json)
}

function notFound(): SecurityError {
  return new SecurityError('not_found', { status: 404, title: 'Not found', detail: gone })
}

const gone = 'There is nothing at this address.'

function shown({ created_at: createdAt, id, name, owner_id: ownerId, site, status }: ProjectRow) {
  return { id, name, site, status, ownerId, createdAt }
}
