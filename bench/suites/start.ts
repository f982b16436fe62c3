import { join } from 'node:path'
import { send } from '../harness/client.ts'
import { temporaryFolder } from '../harness/folders.ts'
import { type Depth, Tally } from '../harness/http-bench.ts'
import { type Prepared, prepare } from '../harness/prepared.ts'
import { ServerProcess } from '../harness/server-process.ts'
import { shuffled } from '../harness/stats.ts'
import type { Suite } from '../harness/suite.ts'
import { type LoadRequest, runLoad, writeScript } from '../harness/wrk.ts'
import { getOrders } from './requests.ts'

interface StartKind {
  readonly name: string
  readonly script: string
  readonly options: () => unknown
  readonly request: LoadRequest
}

/** From the start of the process to its first guarded answer, on a database that exists. */
export const start: Suite = {
  name: 'start',
  title: 'process start to the first guarded answer, and memory',
  packages: ['express', 'better-auth'],
  columns: [
    { metric: 'startMs', title: 'start ms', digits: 0 },
    { metric: 'cpuMs', title: 'CPU ms', digits: 0 },
    { metric: 'rssMb', title: 'RSS MB', digits: 0 },
    { metric: 'loadMb', title: 'RSS MB under load', digits: 0 },
  ],
  plan: {
    metric: 'startMs',
    baseline: 'node:http',
    controls: [
      { cheaper: 'node:http', dearer: 'Express', metric: 'startMs' },
      { cheaper: 'Express', dearer: 'Holdfast on Express', metric: 'startMs' },
    ],
    goals: [
      { text: 'start, ms', metric: 'startMs', of: 'Holdfast on Express', atMost: 220 },
      {
        text: 'start beside Better Auth',
        metric: 'startMs',
        of: 'Holdfast on Express',
        to: 'Better Auth',
        atMost: 0.4,
      },
      { text: 'RSS, MB', metric: 'rssMb', of: 'Holdfast on Express', atMost: 75 },
      { text: 'RSS under load, MB', metric: 'loadMb', of: 'Holdfast on Express', atMost: 130 },
    ],
  },
  async run(depth) {
    const prepared = await prepare({ accounts: 1, tokens: 1 })
    const rivalFolder = temporaryFolder()
    const kinds = kindsOf(prepared, rivalFolder, await prepareRival(rivalFolder))
    const tally = new Map(kinds.map(({ name }) => [name, new Tally(name)]))
    // A process starts once, so the starts are the rounds.
    for (let count = 0; count < depth.processes * 2; count++) {
      for (const kind of shuffled(kinds)) await measure(kind, depth, tally.get(kind.name))
    }
    return [...tally.values()].map((one) => one.measured())
  },
}

function kindsOf(prepared: Prepared, folder: string, cookie: string): readonly StartKind[] {
  const request = getOrders({ authorization: `Bearer ${prepared.tokens[0]}` })
  const own = () => ({ mount: 'protect', folder: prepared.copy(), masterKey: prepared.masterKey })
  return [
    { name: 'node:http', script: 'node', options: () => ({}), request },
    { name: 'Express', script: 'express', options: () => ({}), request },
    { name: 'Holdfast on node:http', script: 'holdfast-node', options: own, request },
    { name: 'Holdfast on Express', script: 'holdfast-express', options: own, request },
    {
      name: 'Better Auth',
      script: 'better-auth',
      options: () => ({ folder, cookieCache: true, accounts: 0 }),
      request: getOrders({ cookie }),
    },
  ]
}

/** Makes Better Auth's database and a session in it. */
async function prepareRival(folder: string): Promise<string> {
  const options = { folder, cookieCache: true, accounts: 1 }
  const server = await ServerProcess.start({ script: 'better-auth', options })
  const { cookies } = server.details as { readonly cookies: readonly string[] }
  await server.stop()
  return cookies[0] ?? ''
}

async function measure(kind: StartKind, depth: Depth, tally: Tally | undefined): Promise<void> {
  const { options, request, script } = kind
  const given = options()
  const from = performance.now()
  const server = await ServerProcess.start({ script, options: given })
  const status = await send(server.url, request)
  const startMs = performance.now() - from
  if (status !== 200) tally?.fault(`the first answer was ${status}`)
  const first = await server.usage()
  const load = await loadRss(server, request, depth)
  await server.stop()
  const used = {
    cpuMs: [first.cpuUs / 1_000],
    rssMb: [first.rss / 2 ** 20],
    loadMb: [load / 2 ** 20],
  }
  tally?.add({ startMs: [startMs], ...used }, { credential: { allowed: 1 } })
}

/** Resident memory at the end of a load. */
async function loadRss(server: ServerProcess, request: LoadRequest, { seconds }: Depth) {
  const folder = temporaryFolder()
  const script = join(folder, 'start.lua')
  writeScript(script, [request])
  await runLoad({ url: server.url, script, connections: 48, seconds: seconds + 1 })
  return (await server.usage()).rss
}
