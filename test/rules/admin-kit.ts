import type { HttpAnswer } from '../nodes/nodes.ts'
import { goodPassword, type Person, type Site } from './identity-kit.ts'

/** One change of an account through the API, with a body that is right. */
export interface AdminAction {
  readonly name: string
  readonly method: 'POST' | 'DELETE'
  readonly path: (id: string) => string
  readonly permission: 'write:security:users' | 'delete:security:users'
  /** What the audit log calls it. */
  readonly event: string
}

const post = (name: string, event: string): AdminAction => ({
  ...{ name, event, method: 'POST', permission: 'write:security:users' },
  path: (id) => `/admin/users/${id}/${name}`,
})

export const erase: AdminAction = {
  ...post('erase', 'user.erased'),
  ...{ method: 'DELETE', permission: 'delete:security:users' },
  path: (id) => `/admin/users/${id}`,
}

/** Every action on one account. */
export const actions: readonly AdminAction[] = [
  post('end-sessions', 'user.sessions_ended'),
  post('lock', 'user.locked'),
  post('unlock', 'user.unlocked'),
  post('force-reset', 'user.reset_forced'),
  post('disable', 'user.disabled'),
  post('enable', 'user.enabled'),
  erase,
]

/** What the tests of administrators do again and again, on one site. */
export interface AdminKit {
  /** An active account of these roles, signed in. */
  someone(name: string, roles?: readonly string[]): Promise<Person>
  act(by: Person | undefined, action: AdminAction, id: string, body?: unknown): Promise<HttpAnswer>
  /** A POST on the authority of somebody. */
  post(by: Person, path: string, body: unknown): Promise<HttpAnswer>
  isAlive(who: Person): Promise<boolean>
  /** The newest audit row of an action on an account. */
  record(action: string, userId: string): Promise<Readonly<Record<string, unknown>> | undefined>
}

export function adminKit(site: Site): AdminKit {
  const { users } = site.security
  const someone = async (name: string, roles: readonly string[] = ['user']) => {
    const email = `${name}@example.com`
    const { id } = await users.create({ email, password: goodPassword, roles })
    const { json, text } = await site.login(email, goodPassword)
    if (json.status !== 'signed_in') throw new Error(text)
    return { id, bearer: { authorization: `Bearer ${json.accessToken}` } }
  }
  const act: AdminKit['act'] = (by, action, id, body = { reason: `because of ${action.name}` }) =>
    site.request(action.method, action.path(id), {
      headers: { 'content-type': 'application/json', ...by?.bearer },
      body: JSON.stringify(body),
    })
  return {
    someone,
    act,
    post: (by, path, body) => site.post(path, body, { ...by.bearer }),
    isAlive: async ({ bearer }) => (await site.get('/auth/me', { ...bearer })).status === 200,
    record: async (action, userId) => {
      const rows = await site.security.parts.ground.audit.find({ action, limit: 500 })
      const row = rows.filter(({ resource_id }) => resource_id === userId).at(0)
      return row && { ...row }
    },
  }
}

/** `200`, or the status and the code of a refusal. */
export async function verdict(answer: Promise<HttpAnswer>): Promise<string> {
  const { json, status } = await answer
  return json?.code === undefined ? String(status) : `${status} ${json.code}`
}
