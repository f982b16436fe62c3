import type { OutgoingMail } from '../../src/ports/index.ts'
import type { HttpAnswer } from '../nodes/nodes.ts'
import type { Victim } from './victim.ts'

const password = 'correct horse battery staple 42'

/** What the server has said yes to. The word of the client's side: nothing in it may get lost. */
export class Ledger {
  readonly registered = new Set<string>()
  readonly verified = new Set<string>()
  /** Session id to the newest refresh token that was answered, or undefined while one is asked for. */
  readonly sessions = new Map<string, string | undefined>()
  readonly ended = new Set<string>()
  /** User id and role, with a space between. */
  readonly grants = new Set<string>()

  get size(): number {
    const { ended, grants, registered, sessions, verified } = this
    return registered.size + verified.size + sessions.size + grants.size + ended.size
  }
}

/** Where the mails of all nodes arrive. */
export class Letters {
  readonly #tokens = new Map<string, string>()

  readonly take = (mail: OutgoingMail): void => {
    const token = /[?&]token=([\w-]+)/.exec(mail.text)?.[1]
    if (token !== undefined) this.#tokens.set(mail.to, token)
  }

  find(to: string): string | undefined {
    return this.#tokens.get(to)
  }
}

export interface LoadParts {
  readonly victim: Victim
  readonly ledger: Ledger
  readonly letters: Letters
  /** Of somebody who may give roles. */
  readonly adminToken: string
  /** Makes the addresses of this load different from those of any other. */
  readonly name: string
  /** Called when the first registration is accepted: the node is warm. */
  readonly onWarm: () => void
}

/** An answer that a healthy node must not give. A node that dies gives none at all. */
export class WrongAnswer extends Error {}

/** 503: the node has too much to do, and says so. */
class Busy extends Error {}

export function signIn(victim: Victim, email: string): Promise<HttpAnswer> {
  return victim.request('POST', '/auth/login', { body: { email, password, transport: 'body' } })
}

/**
 * Newcomers register, confirm, sign in, get a role, refresh and sign out; regulars do all but the
 * first two with accounts that are there. As many of both as there are regulars, until the node dies.
 */
export async function writeUntilItDies(
  parts: LoadParts,
  regulars: readonly string[],
): Promise<void> {
  const people = regulars.flatMap((regular, client) => [
    forever(() => visit(parts, regular)),
    forever((n) => join(parts, `${parts.name}-${client}-${n}@example.com`)),
  ])
  const ends = await Promise.allSettled([deliver(parts.victim), ...people])
  for (const end of ends) {
    if (end.status === 'rejected' && end.reason instanceof WrongAnswer) throw end.reason
  }
}

async function forever(work: (n: number) => Promise<unknown>): Promise<never> {
  for (let n = 0; ; n++) await work(n).catch(unlessBusy)
}

async function deliver(victim: Victim): Promise<never> {
  for (;;) {
    await victim.tell('deliverMail')
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
}

async function join(parts: LoadParts, email: string): Promise<void> {
  const { ledger } = parts
  await post(parts, '/auth/register', 202, { body: { email, password } })
  ledger.registered.add(email)
  parts.onWarm()
  const token = await linkTo(parts, email)
  await post(parts, '/auth/verify-email', 200, { body: { token } })
  ledger.verified.add(email)
  const id = await visit(parts, email)
  const body = { role: 'manager' }
  await post(parts, `/admin/users/${id}/roles`, 200, { body, token: parts.adminToken })
  ledger.grants.add(`${id} manager`)
}

/** One session, refreshed twice; every second one is ended. Answers whose it was. */
async function visit(parts: LoadParts, email: string): Promise<string> {
  const { sessions, ended } = parts.ledger
  const login = demand(await signIn(parts.victim, email), 200, 'login').json
  if (login.status !== 'signed_in') throw new WrongAnswer(`login came to ${login.status}`)
  const { accessToken, sessionId } = login
  let refreshToken: string = login.refreshToken
  sessions.set(sessionId, refreshToken)
  for (let n = 0; n < 2; n++) {
    sessions.set(sessionId, undefined)
    const answer = await post(parts, '/auth/refresh', 200, { body: { refreshToken } })
    refreshToken = answer.json.refreshToken
    sessions.set(sessionId, refreshToken)
  }
  if (sessions.size % 2 === 0) return login.user.id
  sessions.set(sessionId, undefined)
  await post(parts, '/auth/logout', 204, { body: {}, token: accessToken })
  ended.add(sessionId)
  return login.user.id
}

async function post(
  { victim }: LoadParts,
  path: string,
  expected: number,
  given: { readonly body: unknown; readonly token?: string },
): Promise<HttpAnswer> {
  return demand(await victim.request('POST', path, given), expected, path)
}

function demand(answer: HttpAnswer, expected: number, what: string): HttpAnswer {
  if (answer.status === expected) return answer
  if (answer.status === 503) throw new Busy()
  throw new WrongAnswer(`${what} answered ${answer.status}: ${answer.text}`)
}

/** Somebody who is told 503 gives up, and somebody else comes a moment later. */
async function unlessBusy(error: unknown): Promise<void> {
  if (!(error instanceof Busy)) throw error
  await new Promise((resolve) => setTimeout(resolve, 20))
}

async function linkTo({ letters, victim }: LoadParts, email: string): Promise<string> {
  for (;;) {
    const token = letters.find(email)
    if (token !== undefined) return token
    // A dead node ends the wait: nobody is told anything more.
    await victim.tell('hashes')
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
}
