import { hash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { createSecurity, type ExpressSecurity } from '../../src/adapters/express/index.ts'
import { systemRandom, uuidv7 } from '../../src/ports/index.ts'
import { createTestSecurity, type TestSecurity } from '../../src/testing/index.ts'
import { insertUser } from '../../src/users/index.ts'
import { type HttpAnswer, send } from '../nodes/nodes.ts'
import { type Browser, browserOf, cheapHashes } from '../rules/guessing-kit.ts'
import { from, goodPassword } from '../rules/identity-kit.ts'

/** What attackers do when a CAPTCHA is asked for: there is none, they go on without, they solve it. */
export type CaptchaCase = 'none' | 'ignored' | 'solved'

export interface SiegePlan {
  readonly captcha: CaptchaCase
  /** Wrong guesses at one account. */
  readonly guesses: number
  /** Addresses they come from. */
  readonly clients: number
  /** Accounts that one password is tried on. */
  readonly sprayed: number
  /** Sign-ins of the owner from her known device. */
  readonly ownerSignIns: number
  /** Simulated. */
  readonly minutes: number
}

export interface SiegeReport {
  readonly plan: SiegePlan
  /** Sign-ins of the owner that succeeded at once. */
  readonly ownerSucceeded: number
  /** Guesses at her password that were hashed and compared. */
  readonly evaluated: number
  /** Passwords of the spray that were. */
  readonly sprayEvaluated: number
  /** What the attackers were answered, by status and code. */
  readonly answers: Readonly<Record<string, number>>
  /** Attempts that opened nothing, as the attackers counted them. */
  readonly refused: number
  /** The same by reason, as the audit log counts them. */
  readonly recorded: Readonly<Record<string, number>>
  /** What failed; empty when the siege was withstood. */
  readonly faults: readonly string[]
}

const victim = 'owner@example.com'
const guessPrefix = 'siege guess '
const sprayPassword = 'one password for everybody 1'
const atOnce = 20

/** A siege by HTTP, on a clock that is moved: nothing sleeps. Limits and lockout are the defaults. */
export async function runSiege(plan: SiegePlan): Promise<SiegeReport> {
  const scene = await openScene(plan)
  try {
    await scene.settle()
    return await besiege(scene, plan)
  } finally {
    await scene.close()
  }
}

interface Scene {
  readonly kit: TestSecurity<ExpressSecurity>
  readonly owner: Browser
  readonly hashed: readonly string[]
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<HttpAnswer>
  /** Makes the accounts, and the owner's device known. */
  settle(): Promise<void>
  close(): Promise<void>
}

async function openScene(plan: SiegePlan): Promise<Scene> {
  const kit = await createTestSecurity<ExpressSecurity>(
    {
      trustedProxies: ['127.0.0.0/8'],
      captcha: plan.captcha === 'none' ? 'none' : { provider: 'altcha', work: 1_000 },
      limits: {
        general: { points: 100, window: '15m' },
        auth: { points: 5, window: '15m' },
        authClient: { points: 50, window: '15m' },
      },
    },
    createSecurity,
  )
  const server = kit.security.protect(express()).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const post: Scene['post'] = (path, body, headers = {}) =>
    send(base + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const hashed = cheapHashes(kit)
  const owner = browserOf({ post } as Parameters<typeof browserOf>[0], '192.0.2.1')
  const settle = async () => {
    await kit.security.users.create({ email: victim, password: goodPassword })
    await insertSprayed(kit, plan.sprayed)
    if ((await owner.signIn(victim)) !== 'signed_in') throw new Error('the owner cannot sign in')
  }
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await kit.close()
  }
  return { kit, owner, hashed, post, settle, close }
}

/** Accounts as they are after a registration, all with one hash: what it took to make it is not at stake. */
async function insertSprayed({ security }: Scene['kit'], count: number): Promise<void> {
  const { config, ground } = { config: security.config, ground: security.parts.ground }
  const now = config.clock.now()
  const passwordHash = await ground.hasher.hash(goodPassword)
  await ground.database.transaction(async (trx) => {
    for (let n = 0; n < count; n++) {
      const email = sprayedAddress(n)
      const id = uuidv7(now, systemRandom)
      await insertUser(trx, {
        ...{ id, realm: 'default', email, email_canonical: email },
        ...{ username: null, username_canonical: null, display_name: null, company_name: null },
        ...{ status: 'active' as const, status_reason: null, locked_until: null, metadata: '{}' },
        ...{ created_at: now, created_by: null, verified_at: now, credentials_version: 0 },
        ...{ last_sign_in_at: null, last_sign_in_ip: null, last_failure_at: null, erase_at: null },
        ...{ totp_since: null, passkeys: 0, mfa_due_at: null },
      })
      await trx
        .insertInto('hf_passwords')
        .values({ user_id: id, hash: passwordHash, changed_at: now, blocked: null })
        .execute()
    }
  })
}

const sprayedAddress = (n: number) => `person${n}@example.com`

/** One thing that happens at its instant. */
interface Act {
  readonly at: number
  run(): Promise<void>
}

async function besiege(scene: Scene, plan: SiegePlan): Promise<SiegeReport> {
  const { kit, hashed } = scene
  const { guessRefusals, refusals, database } = kit.security.parts.ground
  const answers: Record<string, number> = {}
  let ownerSucceeded = 0
  const note = (answer: HttpAnswer) => {
    const word = answer.json.code ?? answer.json.status
    const key = `${answer.status} ${word}`
    answers[key] = (answers[key] ?? 0) + 1
    return answer
  }
  const span = plan.minutes * 60_000
  const spread = (count: number, run: (n: number) => Promise<unknown>): Act[] =>
    Array.from({ length: count }, (_, n) => ({
      at: Math.floor((n * span) / count),
      run: async () => void (await run(n)),
    }))
  const acts = [
    ...spread(plan.guesses, (n) => guess(scene, plan, { n, note })),
    ...spread(plan.sprayed, async (n) =>
      note(await attempt(scene, clientOf(n, plan), { identifier: sprayedAddress(n) })),
    ),
    ...spread(plan.ownerSignIns, async () => {
      if ((await scene.owner.signIn(victim)) === 'signed_in') ownerSucceeded += 1
    }),
  ].sort((one, other) => one.at - other.at)
  const start = kit.clock.now()
  for (let next = 0; next < acts.length; next += atOnce) {
    const turn = acts.slice(next, next + atOnce)
    kit.clock.jump(Math.max(0, start + (turn[0]?.at ?? 0) - kit.clock.now()))
    await Promise.all(turn.map((act) => act.run()))
    await refusals.flush(database)
    await guessRefusals.flush(database)
  }
  const evaluated = hashed.filter((password) => password.startsWith(guessPrefix)).length
  const sprayEvaluated = hashed.filter((password) => password === sprayPassword).length
  const recorded = await recordedRefusals(kit)
  const refused = Object.values(answers).reduce((sum, count) => sum + count, 0)
  const report = { plan, ownerSucceeded, evaluated, sprayEvaluated, answers, refused, recorded }
  return { ...report, faults: faultsOf(report) }
}

const clientOf = (n: number, { clients }: SiegePlan) =>
  `10.0.${Math.floor((n % clients) / 250)}.${1 + ((n % clients) % 250)}`

function attempt(
  { post }: Scene,
  client: string,
  body: { readonly identifier: string; readonly password?: string; readonly captcha?: string },
): Promise<HttpAnswer> {
  const whole = { password: sprayPassword, transport: 'body', ...body }
  return post('/auth/login', whole, from(client))
}

/** One wrong guess; once more with a solution, where attackers solve what they are asked for. */
async function guess(
  scene: Scene,
  plan: SiegePlan,
  { n, note }: { readonly n: number; readonly note: (answer: HttpAnswer) => HttpAnswer },
): Promise<void> {
  const client = clientOf(n, plan)
  const body = { identifier: victim, password: `${guessPrefix}${n}` }
  const { json } = note(await attempt(scene, client, body))
  if (json.status !== 'challenge_required' || plan.captcha !== 'solved') return
  note(await attempt(scene, client, { ...body, captcha: solve(json.challenge) }))
}

interface Puzzle {
  readonly algorithm: string
  readonly challenge: string
  readonly maxnumber: number
  readonly salt: string
  readonly signature: string
}

/** What ALTCHA asks of a browser. */
function solve({ algorithm, challenge, maxnumber, salt, signature }: Puzzle): string {
  let number = 0
  while (number <= maxnumber && hash('sha256', `${salt}${number}`, 'hex') !== challenge) number += 1
  const solution = { algorithm, challenge, number, salt, signature }
  return Buffer.from(JSON.stringify(solution)).toString('base64')
}

/** Every refusal that the audit log explains, by reason; sums of aggregates, and single failures. */
async function recordedRefusals({ security }: Scene['kit']): Promise<Record<string, number>> {
  const rows = await security.parts.ground.database.reader
    .selectFrom('hf_audit')
    .select(['action', 'metadata'])
    .where('action', 'in', ['sign_in.failed', 'guesses.refused', 'limit.refused'])
    .execute()
  const counts: Record<string, number> = {}
  for (const { action, metadata } of rows) {
    const { cause, policy, refusals } = JSON.parse(metadata)
    const reason = policy === undefined ? cause : `limit ${policy}`
    counts[reason] = (counts[reason] ?? 0) + (action === 'sign_in.failed' ? 1 : refusals)
  }
  return counts
}

function faultsOf(report: Omit<SiegeReport, 'faults'>): string[] {
  const { answers, evaluated, ownerSucceeded, plan, recorded, refused } = report
  const explained = Object.values(recorded).reduce((sum, count) => sum + count, 0)
  return [
    ...(ownerSucceeded === plan.ownerSignIns ? [] : ['the owner was kept out']),
    ...(evaluated <= 100 ? [] : ['more than 100 guesses were evaluated']),
    ...(explained === refused ? [] : [`${refused} refusals, ${explained} on record`]),
    ...(answers['200 signed_in'] === undefined ? [] : ['somebody else got in']),
    ...(refused >= plan.guesses + plan.sprayed ? [] : ['some attempts had no answer']),
  ]
}
