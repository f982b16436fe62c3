import { randomBytes, randomInt } from 'node:crypto'
import type { EngineName } from '../services/fresh-database.ts'
import { Inspector } from './inspect.ts'
import { Ledger, Letters, signIn, writeUntilItDies } from './load.ts'
import { Victim } from './victim.ts'

const regulars = Array.from({ length: 10 }, (_, n) => `regular${n}@example.com`)
const longestLifeMs = 500
const admin = { email: 'root@example.com', password: 'correct horse battery staple 42' }

export interface KillRun {
  readonly engine: EngineName
  readonly url: string
  readonly kills: number
}

export interface KillReport {
  readonly engine: EngineName
  readonly kills: number
  /** Kills that met a transaction that was writing. */
  readonly inTransaction: number
  /** Changes that were acknowledged, all of which must be there. */
  readonly acknowledged: number
  /** Refresh tokens that were tried after a kill. */
  readonly rotated: number
  /** What was wrong: empty when the rule holds. */
  readonly faults: readonly string[]
}

/**
 * Starts a node, lets twenty clients write through HTTP, kills it with SIGKILL at a uniformly random
 * moment and looks at what is left, again and again on one database. The ledger of what was
 * acknowledged lives here, in the clients' process.
 */
export async function killAgainAndAgain(run: KillRun): Promise<KillReport> {
  const setting = {
    masterKey: randomBytes(32).toString('base64url'),
    letters: new Letters(),
    ...run,
  }
  let next = new Victim(setting.letters.take)
  await prepare(next, setting)
  await next.kill()
  next = new Victim(setting.letters.take)
  const inspector = await Inspector.open(run.engine, run.url)
  const sum = { inTransaction: 0, acknowledged: 0, rotated: 0, faults: [] as string[] }
  let unproven: string[] = []
  try {
    for (let round = 0; round <= run.kills && sum.faults.length === 0; round++) {
      const victim = next
      await victim.begin(settingsOf(setting))
      next = new Victim(setting.letters.take)
      sum.rotated += unproven.length
      sum.faults.push(...(await tryTokens(victim, unproven)))
      if (round === run.kills) {
        await victim.kill()
        break
      }
      const ledger = new Ledger()
      const parts = { victim, ledger, letters: setting.letters, name: `p${round}` }
      if (await killOnce(parts, inspector)) sum.inTransaction += 1
      sum.acknowledged += ledger.size
      sum.faults.push(...(await inspector.findHalves()), ...(await findLost(inspector, ledger)))
      unproven = [...ledger.sessions.values()].filter((token) => token !== undefined)
    }
  } finally {
    await next.kill()
    await inspector.close()
  }
  return { engine: run.engine, kills: run.kills, ...sum }
}

interface Setting extends KillRun {
  readonly masterKey: string
  readonly letters: Letters
}

function settingsOf({ masterKey, url }: Setting) {
  return { masterKey, url, options: { sessions: { refreshGrace: '60s' } } } as const
}

async function prepare(victim: Victim, setting: Setting): Promise<void> {
  await victim.begin(settingsOf(setting))
  await victim.tell('users', 'create', { ...admin, roles: ['super_admin'] })
  for (const email of regulars) await victim.tell('users', 'create', { ...admin, email })
}

async function killOnce(
  parts: { victim: Victim; ledger: Ledger; letters: Letters; name: string },
  inspector: Inspector,
): Promise<boolean> {
  const { victim } = parts
  // What is being guessed when a node dies stays counted. After some kills the regulars' lanes close.
  const reason = 'guesses that died with their node'
  for (const email of [admin.email, ...regulars]) {
    await victim.tell('users', 'unlock', email, { reason })
  }
  const adminToken: string = (await signIn(victim, admin.email)).json.accessToken
  const warm = Promise.withResolvers<void>()
  const writing = writeUntilItDies({ ...parts, adminToken, onWarm: warm.resolve }, regulars)
  await Promise.race([warm.promise, writing])
  await new Promise((resolve) => setTimeout(resolve, randomInt(longestLifeMs)))
  victim.freeze()
  const metTransaction = await inspector.isWriting()
  await victim.kill()
  await writing
  await inspector.untilAlone()
  return metTransaction
}

/** Each token that was acknowledged still works, whatever happened to the node that gave it. */
async function tryTokens(victim: Victim, tokens: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(
    tokens.map((refreshToken) =>
      victim.request('POST', '/auth/refresh', { body: { refreshToken } }),
    ),
  )
  return answers
    .filter(({ status }) => status !== 200)
    .map(({ status, text }) => `a refresh token no longer works: ${status} ${text}`)
}

async function findLost(inspector: Inspector, ledger: Ledger): Promise<string[]> {
  const expectations = [
    ['registration', ledger.registered, 'select email from hf_users'],
    ['confirmation', ledger.verified, "select email from hf_users where status = 'active'"],
    ['sign-in', new Set(ledger.sessions.keys()), 'select id from hf_sessions'],
    ['sign-out', ledger.ended, 'select id from hf_sessions where ended_at is not null'],
    ['role', ledger.grants, "select concat(user_id, ' ', role) as id from hf_grants"],
  ] as const
  const lost: string[] = []
  for (const [what, acknowledged, query] of expectations) {
    const there = new Set(await inspector.column(query))
    const missing = [...acknowledged].filter((id) => !there.has(id))
    lost.push(...missing.map((id) => `acknowledged ${what} lost: ${id}`))
  }
  return lost
}
