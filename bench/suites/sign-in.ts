import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { send, sendMany } from '../harness/client.ts'
import { temporaryFolder } from '../harness/folders.ts'
import { type Depth, Tally } from '../harness/http-bench.ts'
import { type Account, type Prepared, prepare } from '../harness/prepared.ts'
import { ServerProcess } from '../harness/server-process.ts'
import { shuffled } from '../harness/stats.ts'
import type { Suite } from '../harness/suite.ts'
import type { LoadRequest } from '../harness/wrk.ts'
import { Waiting } from './waiting.ts'

const accounts = 32
const inFlight = 32

interface SignInKind {
  readonly name: string
  readonly script: string
  readonly options: () => Record<string, unknown>
  readonly path: string
  readonly body: (account: Account) => Record<string, unknown>
  readonly accounts: readonly Account[]
  /** Sign-ins a round: a count and not a time, so that none is left behind in the server. */
  readonly count: number
  /** Without passwords, a wrong one is no reason to refuse. */
  readonly checks: boolean
}

/** Password sign-ins, 32 in flight, and what everybody else waits meanwhile. */
export const signIn: Suite = {
  name: 'sign-in',
  title: 'password sign-ins, 32 in flight, and the waiting of others',
  packages: ['express', 'better-auth'],
  columns: [
    { metric: 'perSecond', title: 'sign-ins/s', digits: 1 },
    { metric: 'cpuMs', title: 'CPU ms/sign-in', digits: 2 },
    { metric: 'pingMs', title: 'p99 GET ms', digits: 1 },
    { metric: 'pingTimes', title: 'of idle', digits: 1 },
    { metric: 'fileMs', title: 'p99 file ms', digits: 1 },
    { metric: 'fileTimes', title: 'of idle', digits: 1 },
    { metric: 'growthMb', title: 'RSS growth MB', digits: 0 },
  ],
  plan: {
    metric: 'perSecond',
    baseline: 'Better Auth',
    controls: [{ cheaper: 'Express, no password', dearer: 'Holdfast', metric: 'cpuMs' }],
    goals: [
      {
        text: 'sign-ins/s beside Better Auth',
        metric: 'perSecond',
        of: 'Holdfast',
        to: 'Better Auth',
        atLeast: 4,
      },
      { text: 'p99 of a GET, times idle', metric: 'pingTimes', of: 'Holdfast', atMost: 3 },
      { text: 'p99 of a file, times idle', metric: 'fileTimes', of: 'Holdfast', atMost: 3 },
      { text: 'RSS growth, MB', metric: 'growthMb', of: 'Holdfast', atMost: 60 },
    ],
  },
  async run(depth) {
    const prepared = await prepare({ accounts, tokens: 1 })
    const kinds = kindsOf(prepared)
    const tally = new Map(kinds.map(({ name }) => [name, new Tally(name)]))
    for (let replicate = 0; replicate < depth.processes; replicate++) {
      for (const kind of shuffled(kinds)) await measure(kind, depth, tally.get(kind.name))
    }
    return [...tally.values()].map((one) => one.measured())
  },
}

function kindsOf(prepared: Prepared): readonly SignInKind[] {
  const rivals = Array.from({ length: accounts }, (_, number) => ({
    email: `buyer-${number}@shop.example`,
    password: 'correct-horse-battery',
  }))
  const login = {
    path: '/auth/login',
    accounts: prepared.accounts,
    body: ({ email, password }: Account) => ({ identifier: email, password, transport: 'cookie' }),
  }
  const rivalFolder = () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file.json'), JSON.stringify({ text: 'x'.repeat(4_000) }))
    return folder
  }
  const own = () => ({
    mount: 'protect',
    folder: prepared.copy(),
    masterKey: prepared.masterKey,
  })
  return [
    {
      name: 'Better Auth',
      script: 'better-auth',
      options: () => ({ folder: rivalFolder(), cookieCache: true, accounts }),
      path: '/api/auth/sign-in/email',
      accounts: rivals,
      body: ({ email, password }) => ({ email, password }),
      count: 64,
      checks: true,
    },
    {
      ...login,
      name: 'Holdfast',
      script: 'holdfast-express',
      options: own,
      count: 160,
      checks: true,
    },
    {
      ...login,
      name: 'Express, no password',
      script: 'express',
      options: () => ({ folder: rivalFolder() }),
      count: 3_200,
      checks: false,
    },
  ]
}

async function measure(kind: SignInKind, depth: Depth, tally: Tally | undefined): Promise<void> {
  const server = await ServerProcess.start({ script: kind.script, options: kind.options() })
  await runStorm(server, kind)
  const quiet = (await server.usage()).rss
  const [idle, storm] = [newWatch(), newWatch()]
  const rounds = { perSecond: [] as number[], cpuMs: [] as number[], growthMb: [] as number[] }
  for (let round = 0; round < depth.rounds; round++) {
    await watchWhile(server, idle, () => setTimeout(500))
    const result = await watchWhile(server, storm, () => runStorm(server, kind))
    rounds.perSecond.push(result.perSecond)
    rounds.cpuMs.push(result.cpuMs)
    rounds.growthMb.push((result.peakRss - quiet) / 2 ** 20)
    if (result.refused > 0) tally?.fault(`${result.refused} sign-ins were refused`)
  }
  const refused = kind.checks ? { refused: await refuseWrong(server, kind) } : {}
  await server.stop()
  const allowed = kind.count * depth.rounds
  tally?.add({ ...rounds, ...waitsOf(idle, storm) }, { password: { allowed, ...refused } })
}

function newWatch(): Watched {
  return { ping: new Waiting('/ping'), file: new Waiting('/file') }
}

function waitsOf(idle: Watched, storm: Watched) {
  return {
    pingMs: [storm.ping.p99],
    pingTimes: [storm.ping.p99 / idle.ping.p99],
    fileMs: [storm.file.p99],
    fileTimes: [storm.file.p99 / idle.file.p99],
  }
}

interface Watched {
  readonly ping: Waiting
  readonly file: Waiting
}

/** Does the work while two others ask for a page and for a file, each at a pace of its own. */
async function watchWhile<T>(
  server: ServerProcess,
  { file, ping }: Watched,
  work: () => Promise<T>,
): Promise<T> {
  const stop = new AbortController()
  const others = [ping, file].map((one) => one.observe(server.url, stop.signal))
  const result = await work()
  stop.abort()
  await Promise.all(others)
  return result
}

/** All sign-ins of a round; what they cost, and the most memory that was seen meanwhile. */
async function runStorm(server: ServerProcess, kind: SignInKind) {
  const { count } = kind
  const before = await server.usage()
  let peakRss = before.rss
  const poll = setInterval(() => {
    void server.usage().then(({ rss }) => {
      peakRss = Math.max(peakRss, rss)
    })
  }, 100)
  const requests = kind.accounts.map((account) => loadOf(kind, account))
  const from = performance.now()
  const statuses = await sendMany(server.url, { requests, inFlight, count })
  const perSecond = (count * 1_000) / (performance.now() - from)
  clearInterval(poll)
  const after = await server.usage()
  const cpuMs = (after.cpuUs - before.cpuUs) / 1_000 / count
  const refused = count - (statuses.get(200) ?? 0)
  return { perSecond, refused, cpuMs, peakRss: Math.max(peakRss, after.rss) }
}

function loadOf(kind: SignInKind, account: Account): LoadRequest {
  return {
    method: 'POST',
    path: kind.path,
    headers: { 'content-type': 'application/json', origin: originOf(kind) },
    body: JSON.stringify(kind.body(account)),
  }
}

function originOf({ script }: SignInKind): string {
  return script === 'better-auth' ? 'http://localhost:3000' : 'https://shop.example'
}

async function refuseWrong(server: ServerProcess, kind: SignInKind): Promise<number> {
  const [account] = kind.accounts
  if (!account) return 0
  const wrong = loadOf(kind, { ...account, password: 'wrong-horse-battery' })
  return Number((await send(server.url, wrong)) === 401)
}
