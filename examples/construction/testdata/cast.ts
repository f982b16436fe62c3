import type { ProjectRow, TaskRow } from '../database.ts'
import type { Credential, Person, Site } from './site.ts'

/** Every scope that the example has a use for. */
export const allScopes = [
  'read:projects',
  'create:projects',
  'update:projects',
  'delete:projects',
  'read:tasks',
  'write:tasks',
] as const

/**
 * Who asks. `other` is a manager of other projects, `key` a key of the manager with every scope,
 * `narrow` one with none of use, `dead` one whose owner has been disabled.
 */
export const callers = [
  ...(['nobody', 'mason', 'member', 'assignee', 'manager', 'other', 'root'] as const),
  ...(['key', 'narrow', 'dead'] as const),
] as const

export type Caller = (typeof callers)[number]

/** A project of the manager, worked on by the member and the assignee of its task. */
export interface Scene {
  readonly project: ProjectRow
  readonly task: TaskRow
}

/** Everybody who calls the example in the tests. */
export interface Cast {
  readonly people: Readonly<Record<'mason' | 'member' | 'assignee' | 'manager' | 'other', Person>>
  by(caller: Caller): Credential
  scene(more?: Partial<ProjectRow>): Promise<Scene>
}

/** Makes them all, with their credentials. */
export async function openCast(site: Site): Promise<Cast> {
  const [mason, member, assignee] = [await site.person(), await site.person(), await site.person()]
  const asManager = () => site.person(['user', 'manager'])
  const [manager, other, leaver] = [await asManager(), await asManager(), await asManager()]
  const root = await site.person(['super_admin'])
  const dead = await site.key(leaver, allScopes)
  await site.security.users.disable(leaver.id, { reason: 'left the company' })
  const credentials: Readonly<Record<Caller, Credential>> = {
    nobody: {},
    mason: mason.credential,
    member: member.credential,
    assignee: assignee.credential,
    manager: manager.credential,
    other: other.credential,
    root: root.credential,
    key: await site.key(manager, allScopes),
    narrow: await site.key(manager, ['read:own']),
    dead,
  }
  const scene: Cast['scene'] = async (more) => {
    const project = await site.project(manager, more)
    for (const person of [member, assignee]) await site.join(project, person)
    return { project, task: await site.task(project, assignee) }
  }
  const people = { mason, member, assignee, manager, other }
  return { people, scene, by: (caller) => credentials[caller] }
}
