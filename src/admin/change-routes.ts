import { idParams, lockBody, reasonBody, sessionsEnded } from '../contract.ts'
import { account } from '../contract-accounts.ts'
import { type Route, route } from '../http/index.ts'
import type { By } from './by.ts'
import {
  type AdminRouteParts,
  answerAccount,
  byCaller,
  changeProblems,
  mustExist,
} from './caller.ts'

/** What is done to one account, for a reason that is recorded. */
export function changeRoutes(parts: AdminRouteParts): readonly Route[] {
  return [
    ...changes.map((change) => changeRoute(parts, change)),
    lockRoute(parts),
    endSessionsRoute(parts),
    eraseRoute(parts),
  ]
}

type Users = AdminRouteParts['users']

interface Change {
  readonly name: string
  readonly summary: string
  readonly problems: readonly string[]
  readonly apply: (users: Users, id: string, by: By) => Promise<unknown>
}

const changes: readonly Change[] = [
  {
    name: 'disable',
    summary:
      'Close an account to its owner and end its sessions; the last super administrator stays',
    problems: ['last_super_admin'],
    apply: (users, id, by) => users.disable(id, by),
  },
  {
    name: 'enable',
    summary: 'Open a disabled account again, also one that its owner closed',
    problems: [],
    apply: (users, id, by) => users.enable(id, by),
  },
  {
    name: 'unlock',
    summary: 'Open a lock, and let the password be tried again after wrong guesses',
    problems: ['account_state_conflict'],
    apply: (users, id, by) => users.unlock(id, by),
  },
  {
    name: 'force-reset',
    summary: 'Make the password useless, end the sessions, mail a link for a new one',
    problems: ['account_state_conflict'],
    apply: (users, id, by) => users.forceReset(id, by),
  },
  {
    name: 'invite',
    summary: 'Mail a new invitation to somebody who has not accepted the first',
    problems: ['account_state_conflict', 'invitations_closed'],
    apply: (users, id, by) => users.inviteAgain(id, by),
  },
]

const write = { kind: 'permission', permission: 'write:security:users' } as const

function changeRoute(parts: AdminRouteParts, { apply, name, problems, summary }: Change): Route {
  return route({
    method: 'POST',
    path: `${parts.path}/users/{id}/${name}`,
    summary,
    policy: write,
    stepUp: true,
    params: idParams,
    body: reasonBody,
    responses: { 200: { description: 'The account now', schema: account } },
    problems: [...changeProblems, ...problems],
    handle: async ({ auth, body, exchange, params }) => {
      await mustExist(parts, params.id)
      await apply(parts.users, params.id, byCaller({ auth, exchange }, body.reason))
      return answerAccount(parts, params.id)
    },
  })
}

function lockRoute(parts: AdminRouteParts): Route {
  return route({
    method: 'POST',
    path: `${parts.path}/users/{id}/lock`,
    summary: 'Lock an account, for a time or until it is unlocked, and end its sessions',
    policy: write,
    stepUp: true,
    params: idParams,
    body: lockBody,
    responses: { 200: { description: 'The account now', schema: account } },
    problems: [...changeProblems, 'last_super_admin', 'account_state_conflict'],
    handle: async ({ auth, body, exchange, params }) => {
      await mustExist(parts, params.id)
      const { reason, until } = body
      await parts.users.lock(params.id, { until }, byCaller({ auth, exchange }, reason))
      return answerAccount(parts, params.id)
    },
  })
}

function endSessionsRoute(parts: AdminRouteParts): Route {
  return route({
    method: 'POST',
    path: `${parts.path}/users/{id}/end-sessions`,
    summary: 'End every session of an account',
    policy: write,
    stepUp: true,
    params: idParams,
    body: reasonBody,
    responses: { 200: { description: 'How many were ended', schema: sessionsEnded } },
    problems: changeProblems,
    handle: async ({ auth, body, exchange, params }) => {
      await mustExist(parts, params.id)
      const by = byCaller({ auth, exchange }, body.reason)
      return { status: 200, json: { ended: await parts.users.endSessions(params.id, by) } }
    },
  })
}

function eraseRoute(parts: AdminRouteParts): Route {
  return route({
    method: 'DELETE',
    path: `${parts.path}/users/{id}`,
    summary: 'Erase an account with everything that hangs on it; the record keeps its id',
    policy: { kind: 'permission', permission: 'delete:security:users' },
    stepUp: true,
    params: idParams,
    body: reasonBody,
    responses: { 204: { description: 'Erased' } },
    problems: [...changeProblems, 'last_super_admin'],
    handle: async ({ auth, body, exchange, params }) => {
      await mustExist(parts, params.id)
      await parts.users.erase(params.id, byCaller({ auth, exchange }, body.reason))
      return { status: 204 }
    },
  })
}
