/**
 * npm run timing [-- --pairs 2000] [--rounds 5] [--only login] [--url DATABASE_URL] [--real-hashes]
 *   [--aftermath]
 *
 * Can time tell whether an address has an account? For each route a process is asked, in pairs of
 * random order, about addresses that have one and addresses that have none, and the two groups of
 * durations are compared: the area under the ROC curve is 0.5 when nothing tells them apart. Judged
 * is the median of five rounds: 0.48 to 0.52. The same durations with those of known addresses made
 * 5 % longer must be noticed, else the machine was too noisy and the run is void. Exits 1 for either.
 *
 * Passwords are hashed at argon2id's least cost, because the noise of a real hash would hide what is
 * left; `--real-hashes` shows what an attacker sees. Judged is the answer. Mails leave afterwards, in the
 * background, so the outbox is emptied before the next question; `--aftermath` leaves it, and then
 * asks whether the delivery of one mail can be felt by the request that follows.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { migrations } from '../src/composition/index.ts'
import { type Database, Migrator, openDatabase } from '../src/database/index.ts'
import { silentLogger, systemClock, systemRandom, uuidv7 } from '../src/ports/index.ts'
import { startNodes, type TestNode } from '../test/nodes/nodes.ts'
import { median, separation } from './timing-auc.ts'

const password = 'correct horse battery staple 42'
const least = 0.48
const most = 0.52
const plantedSkew = 1.05
const warmUp = 100

interface Question {
  readonly name: string
  readonly path: string
  /** Status of the known account. */
  readonly known: 'active' | 'pending'
  body(email: string): object
}

const questions: readonly Question[] = [
  {
    name: 'login',
    path: '/auth/login',
    known: 'active',
    body: (email) => ({ email, password: 'wrong horse battery staple 43' }),
  },
  {
    name: 'register',
    path: '/auth/register',
    known: 'active',
    body: (email) => ({ email, password }),
  },
  {
    name: 'resend',
    path: '/auth/verify-email/resend',
    known: 'pending',
    body: (email) => ({ email }),
  },
  {
    name: 'forgot',
    path: '/auth/password/forgot',
    known: 'active',
    body: (email) => ({ email }),
  },
]

interface Plan {
  readonly pairs: number
  readonly rounds: number
  readonly only: string | undefined
  readonly realHashes: boolean
  readonly aftermath: boolean
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string', default: '2000' },
      rounds: { type: 'string', default: '5' },
      only: { type: 'string' },
      url: { type: 'string' },
      'real-hashes': { type: 'boolean', default: false },
      aftermath: { type: 'boolean', default: false },
    },
  })
  const plan: Plan = {
    pairs: Number(values.pairs),
    rounds: Number(values.rounds),
    only: values.only,
    realHashes: values['real-hashes'],
    aftermath: values.aftermath,
  }
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-timing-'))
  try {
    return await judgeAll(plan, values.url ?? `sqlite:${join(folder, 'timing.db')}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function judgeAll(plan: Plan, url: string): Promise<number> {
  const asked = questions.filter(({ name }) => plan.only === undefined || plan.only === name)
  const accounts = await Accounts.open(url)
  const { realHashes } = plan
  const cluster = await startNodes(url, 1, { realHashes })
  const [node] = cluster.nodes
  let failed = asked.length === 0 ? 1 : 0
  try {
    for (const question of asked) {
      const rounds: Round[] = []
      for (let round = 0; round < plan.rounds; round++) {
        await accounts.add(question.known, plan.pairs + warmUp, await hashFor(node, accounts))
        rounds.push(await measure(node, question, { plan, accounts }))
      }
      if (!report(question, rounds)) failed = 1
    }
  } finally {
    await cluster.close()
    await accounts.close()
  }
  return failed
}

/** A hash as the node makes them, for the accounts that are put into the database directly. */
async function hashFor(node: TestNode, accounts: Accounts): Promise<string> {
  const email = `pattern-${randomBytes(6).toString('hex')}@example.com`
  await node.tell('users', 'create', { email, password })
  return accounts.hashOf(email)
}

/** Milliseconds of each request, known and unknown. */
interface Round {
  readonly known: readonly number[]
  readonly unknown: readonly number[]
}

async function measure(
  node: TestNode,
  question: Question,
  { accounts, plan }: { readonly accounts: Accounts; readonly plan: Plan },
): Promise<Round> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const known: number[] = []
  const unknown: number[] = []
  for (let pair = 0; pair < plan.pairs + warmUp; pair++) {
    const ask = async (email: string) =>
      timed(agent, node.base + question.path, JSON.stringify(question.body(email)))
    const groups: [number[], string][] = [
      [known, accounts.next()],
      [unknown, accounts.strange()],
    ]
    if (randomInt(2) === 1) groups.reverse()
    for (const [durations, email] of groups) {
      const ms = await ask(email)
      if (pair >= warmUp) durations.push(ms)
      if (!plan.aftermath) await node.tell('deliverMail')
    }
  }
  agent.destroy()
  return { known, unknown }
}

function timed(agent: Agent, url: string, body: string): Promise<number> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const start = performance.now()
    const sent = request(url, { agent, method: 'POST', headers }, (response) => {
      const end = performance.now()
      const { statusCode = 0 } = response
      if (statusCode === 429 || statusCode >= 500) reject(new Error(`answered ${statusCode}`))
      response.resume().once('end', () => resolve(end - start))
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

function report({ name }: Question, rounds: readonly Round[]): boolean {
  const found = rounds.map(({ known, unknown }) => separation(known, unknown))
  const auc = median(found.map((each) => each.auc))
  // The median of n varies 1.25 times as much as their mean.
  const error = (1.2533 * (found[0]?.error ?? 0)) / Math.sqrt(found.length)
  const interval = [auc - 1.96 * error, auc + 1.96 * error].map((value) => value.toFixed(3))
  const planted = median(
    rounds.map(
      ({ known, unknown }) =>
        separation(
          known.map((ms) => ms * plantedSkew),
          unknown,
        ).auc,
    ),
  )
  const alike = auc >= least && auc <= most
  const noticed = planted > most
  const verdict = !noticed ? 'VOID: a planted skew of 5 % was not noticed' : alike ? 'ok' : 'SKEWED'
  const all = found.map((each) => each.auc.toFixed(3)).join(' ')
  const ms = [rounds.flatMap(({ known }) => known), rounds.flatMap(({ unknown }) => unknown)]
  console.log(`${name.padEnd(9)} AUC ${auc.toFixed(3)} (95 % ${interval.join(' to ')})  ${verdict}`)
  console.log(`          rounds ${all}; with 5 % planted ${planted.toFixed(3)}`)
  const [known = Number.NaN, unknown = Number.NaN] = ms.map(median)
  console.log(`          median ${known.toFixed(3)} ms known, ${unknown.toFixed(3)} ms unknown`)
  return alike && noticed
}

/** Accounts written straight into the database, so that each question has a fresh address. */
class Accounts {
  readonly #database: Database
  #fresh: string[] = []

  constructor(database: Database) {
    this.#database = database
  }

  static async open(url: string): Promise<Accounts> {
    const ports = { clock: systemClock, random: systemRandom, logger: silentLogger }
    const database = await openDatabase({ url, ...ports })
    await new Migrator(database, migrations).up()
    return new Accounts(database)
  }

  /** An address that has an account and was not asked about yet. */
  next(): string {
    const email = this.#fresh.pop()
    if (email === undefined) throw new Error('there are too few accounts')
    return email
  }

  /** An address of the same shape that has none. */
  strange(): string {
    return newAddress()
  }

  async hashOf(email: string): Promise<string> {
    const { hash } = await this.#database.reader
      .selectFrom('hf_users')
      .innerJoin('hf_passwords', 'hf_passwords.user_id', 'hf_users.id')
      .select('hf_passwords.hash')
      .where('hf_users.email_canonical', '=', email)
      .executeTakeFirstOrThrow()
    return hash
  }

  async add(status: 'active' | 'pending', count: number, hash: string): Promise<void> {
    this.#fresh = Array.from({ length: count }, newAddress)
    for (let start = 0; start < count; start += 200) {
      const emails = this.#fresh.slice(start, start + 200)
      await this.#insert(emails, status, hash)
    }
  }

  close(): Promise<void> {
    return this.#database.close()
  }

  #insert(emails: readonly string[], status: 'active' | 'pending', hash: string): Promise<void> {
    const now = systemClock.now()
    const users = emails.map((email) => userRow(email, status, now))
    return this.#database.transaction(async (trx) => {
      await trx.insertInto('hf_users').values(users).execute()
      if (status === 'active') {
        const passwords = users.map(({ id }) => ({ user_id: id, hash, changed_at: now }))
        await trx.insertInto('hf_passwords').values(passwords).execute()
      } else {
        const rows = users.map((user) => registrationRow(user, hash, now))
        await trx.insertInto('hf_registrations').values(rows).execute()
      }
    })
  }
}

function newAddress(): string {
  return `${randomBytes(8).toString('hex')}@example.com`
}

function userRow(email: string, status: 'active' | 'pending', now: number) {
  return {
    id: uuidv7(now, systemRandom),
    realm: 'default',
    ...{ email, email_canonical: email, username: null, username_canonical: null },
    ...{ display_name: null, company_name: null, status, status_reason: null },
    ...{ locked_until: null, metadata: '{}', created_at: now, created_by: null },
    verified_at: status === 'active' ? now : null,
    ...{ last_sign_in_at: null, last_sign_in_ip: null, last_failure_at: null },
    credentials_version: 0,
    erase_at: null,
    totp_since: null,
    passkeys: 0,
    mfa_due_at: null,
  }
}

function registrationRow(user: ReturnType<typeof userRow>, hash: string, now: number) {
  const id = uuidv7(now, systemRandom)
  return {
    ...{ id, user_id: user.id, origin_id: id, token_hash: randomBytes(32).toString('hex') },
    ...{ email: user.email, email_canonical: user.email, username: null, username_canonical: null },
    ...{ display_name: null, company_name: null, metadata: '{}', password_hash: hash },
    ...{ password_tag: 0, state: 'open' as const },
    ...{ created_at: now, expires_at: now + 3_600_000, used_at: null },
  }
}

process.exitCode = await main()
