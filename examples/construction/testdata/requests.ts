import { randomUUID } from 'node:crypto'
import type { ProjectRow, TaskRow } from '../database.ts'
import type { Credential, Person, Site } from './site.ts'

/** One way in for one person: their session, or a key of theirs. */
export interface Asker {
  readonly person: Person
  readonly prefix: '/api' | '/api/v2'
  readonly credential: Credential
}

/** Two masons and two managers, each with a session and a key. */
export async function openAskers(site: Site): Promise<readonly Asker[]> {
  const askers: Asker[] = []
  for (const roles of [['user'], ['user'], ['user', 'manager'], ['user', 'manager']]) {
    const person = await site.person(roles)
    const wide = roles.includes('manager') ? ['update:projects', 'write:tasks'] : []
    const key = await site.key(person, ['read:projects', 'read:tasks', 'update:tasks', ...wide])
    askers.push({ person, prefix: '/api', credential: person.credential })
    askers.push({ person, prefix: '/api/v2', credential: key })
  }
  return askers
}

export interface World {
  readonly people: readonly Person[]
  readonly projects: readonly ProjectRow[]
  readonly tasks: readonly TaskRow[]
}

/** A member of a list, by the seed. */
export type Pick = <T>(list: readonly T[]) => T

/** Picks by xorshift32, so that a run can be repeated. */
export function pickBy(seed: number): Pick {
  let state = seed
  return (list) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return list[(state >>> 0) % list.length] as (typeof list)[number]
  }
}

/** Twelve projects of the managers, on some of which somebody else works too; three tasks each. */
export async function openWorld(site: Site, people: readonly Person[], pick: Pick): Promise<World> {
  const projects: ProjectRow[] = []
  const tasks: TaskRow[] = []
  const managers = people.slice(2)
  for (let count = 0; count < 12; count++) {
    const project = await site.project(pick(managers))
    projects.push(project)
    if (pick([true, false])) await site.join(project, pick(people))
    for (const assignee of [pick(people), pick(people), undefined]) {
      tasks.push(await site.task(project, assignee))
    }
  }
  return { people, projects, tasks }
}

/** One request. `about` is the project or task that it names. */
export interface Shot {
  readonly method: string
  readonly path: string
  readonly body?: object
  readonly about?: ProjectRow | TaskRow
}

/** Any request about any project, whoever asks. */
export function shotAt({ people, projects, tasks }: World, pick: Pick): Shot {
  const [project, task, person] = [pick(projects), pick(tasks), pick(people)]
  const one = `/projects/${project.id}`
  const body = bodyAt(project, person, pick)
  return pick<Shot>([
    { method: 'GET', path: '/projects' },
    { method: 'GET', path: `/projects?id=${project.id}&owner_id=${project.owner_id}` },
    { method: 'GET', path: `/projects/${randomUUID()}` },
    { method: 'GET', path: one, about: project },
    { method: 'GET', path: `${one}/tasks`, about: project },
    { method: 'PATCH', path: one, body, about: project },
    { method: 'POST', path: `${one}/tasks`, body, about: project },
    { method: 'POST', path: `${one}/members`, body, about: project },
    { method: 'DELETE', path: `${one}/members/${person.id}`, about: project },
    { method: 'PATCH', path: `/tasks/${task.id}`, body, about: task },
  ])
}

function bodyAt({ id, owner_id }: ProjectRow, person: Person, pick: Pick): object {
  return pick<object>([
    { name: `name ${randomUUID()}`, site: 'x' },
    { status: pick(['active', 'closed', 'open', 'done']) },
    { userId: person.id },
    { title: `title ${randomUUID()}`, assigneeId: person.id },
    { assigneeId: null },
    { owner_id, project_id: id },
    {},
  ])
}

/** Rows of projects that somebody neither owns nor works on, as they are now. */
export async function rowsForeignTo(
  { store }: Site,
  { projects, tasks }: World,
  { id }: Person,
): Promise<readonly (ProjectRow | TaskRow)[]> {
  const mine = new Set(await store.projectsOf(id))
  const foreign = projects.filter((row) => row.owner_id !== id && !mine.has(row.id))
  const ids = new Set(foreign.map((row) => row.id))
  const theirs = tasks.filter((task) => ids.has(task.project_id))
  const rows = await Promise.all([
    ...foreign.map((row) => store.project(row.id)),
    ...theirs.map((row) => store.task(row.id)),
  ])
  return rows.filter((row) => row !== undefined)
}

/** Those of them as they are now. */
export function again(
  { store }: Site,
  rows: readonly (ProjectRow | TaskRow)[],
): Promise<readonly unknown[]> {
  return Promise.all(
    rows.map((row) => ('title' in row ? store.task(row.id) : store.project(row.id))),
  )
}
