import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Probe } from './http-bench.ts'
import type { Prepared } from './prepared.ts'
import type { ServerProcess } from './server-process.ts'
import type { Decisions } from './verdict.ts'
import { byProxy } from './wrk.ts'

export interface Probing {
  readonly prepared: Prepared
  /** False for the control that sends fewer headers. */
  readonly headers: boolean
  /** Folder of a server that records the use of its route. */
  readonly recordIn?: string
}

/**
 * Counts what Holdfast decides, by nothing but its answers: the limit's own counter tells how many
 * requests it has seen, and every other control is shown a request that only it would refuse.
 */
export async function probeHoldfast(server: ServerProcess, probing: Probing): Promise<Probe> {
  const { accounts, tokens } = probing.prepared
  const own = tokens.slice(0, accounts.length)
  const first = await askAll(server, own)
  return {
    async finish(answered) {
      const last = await askAll(server, own)
      const refusals = await probeRefusals(server, probing.prepared)
      const passed = (control: keyof typeof refusals): Decisions => ({
        allowed: answered,
        refused: refusals[control],
      })
      return {
        limit: { allowed: first.remaining - last.remaining },
        token: passed('token'),
        revocation: passed('revocation'),
        permission: passed('permission'),
        csrf: passed('csrf'),
        'client address': { allowed: refusals.client },
        ...(probing.headers ? { headers: { allowed: first.nonces + last.nonces } } : {}),
      }
    },
    stopped: () =>
      probing.recordIn === undefined
        ? {}
        : { 'access record': { allowed: recordedIn(probing.recordIn) } },
  }
}

/** What is left of all accounts' quotas, and how many answers carried a nonce of their own. */
async function askAll(server: ServerProcess, tokens: readonly string[]) {
  let remaining = 0
  const nonces = new Set<string>()
  for (const token of tokens) {
    const response = await fetch(`${server.url}/orders`, {
      headers: { ...bearer(token), ...byProxy },
    })
    await response.arrayBuffer()
    if (response.status !== 200) throw new Error(`a probe was answered ${response.status}`)
    remaining += Number(/"account";r=(\d+)/.exec(response.headers.get('ratelimit') ?? '')?.[1])
    const policy = response.headers.get('content-security-policy') ?? ''
    nonces.add(/'nonce-([^']+)'/.exec(policy)?.[1] ?? '')
  }
  nonces.delete('')
  return { remaining, nonces: nonces.size }
}

/** Shows each control what it alone must refuse; 1 for each that did. */
async function probeRefusals(server: ServerProcess, { powerless, spare }: Prepared) {
  const ask = async (headers: Record<string, string>, method = 'GET', path = '/orders') => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { ...headers, ...byProxy },
    })
    const text = await response.text()
    return { status: response.status, text, limit: response.headers.get('ratelimit') ?? '' }
  }
  const forged = await ask(bearer(`${spare.slice(0, -8)}AAAAAAA${spare.endsWith('A') ? 'Q' : 'A'}`))
  const forbidden = await ask(bearer(powerless))
  const crossSite = await ask({ 'sec-fetch-site': 'cross-site' }, 'POST')
  const anonymous = await ask({})
  const live = await ask(bearer(spare))
  const logout = await ask(bearer(spare), 'POST', '/auth/logout')
  const ended = await ask(bearer(spare))
  return {
    token: Number(forged.status === 401 && live.status === 200),
    permission: Number(forbidden.status === 403 && forbidden.text.includes('forbidden')),
    csrf: Number(crossSite.status === 403 && crossSite.text.includes('csrf')),
    client: Number(anonymous.limit.startsWith('"general"')),
    revocation: Number(logout.status === 204 && ended.status === 401),
  }
}

function recordedIn(folder: string): number {
  const database = new DatabaseSync(join(folder, 'holdfast.db'), { readOnly: true })
  const row = database
    .prepare(`select count(*) as n from hf_audit where action = 'order.read'`)
    .get()
  database.close()
  return Number(row?.n ?? 0)
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}
