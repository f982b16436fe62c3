import { once } from 'node:events'
import { request } from 'node:http'
import type { ProbedApp } from './probed-app.ts'
import { runTool } from './run-tool.ts'
import type { ToolResult } from './tool-result.ts'

const attacks = [
  { name: 'slow headers', words: ['-H'] },
  { name: 'slow body', words: ['-B', '-s', '8192'] },
  {
    name: 'slow reading',
    words: ['-X', '-w', '512', '-y', '1024', '-n', '5', '-z', '32', '-k', '3'],
  },
]
const seconds = 40
const connections = 400

/** Many connections that hardly move, while somebody asks whether the app is well. */
export async function probeWithSlowhttptest(app: ProbedApp): Promise<ToolResult> {
  const findings: string[] = []
  const voids: string[] = []
  const notes: string[] = []
  const idle = await askFor(app, 3)
  notes.push(`health at rest: p99 ${percentile(idle.waits, 99).toFixed(1)} ms`)
  for (const { name, words } of attacks) {
    const watch = new AbortController()
    const asking = askFor(app, seconds + 60, watch.signal)
    const run = await runTool('slowhttptest', [...words, ...common(app)], seconds + 50)
    watch.abort()
    const { lost, mostSockets, waits } = await asking
    if (run.timedOut || waits.length < 10) voids.push(`${name}: it did not run to its end`)
    if (lost > 0) findings.push(`${name}: ${lost} of ${waits.length + lost} answers of health lost`)
    const p99 = percentile(waits, 99).toFixed(1)
    notes.push(`${name}: health p99 ${p99} ms, at most ${mostSockets} sockets`)
  }
  return { tool: 'slowhttptest', asked: `${connections} connections`, findings, voids, notes }
}

function common({ origin }: ProbedApp): string[] {
  return [
    ...['-c', String(connections), '-r', '100', '-i', '5', '-l', String(seconds), '-p', '5'],
    ...['-u', `${origin}/account/sign-in`, '-v', '1'],
  ]
}

interface Watched {
  readonly waits: readonly number[]
  readonly lost: number
  readonly mostSockets: number
}

/** Asks ten times a second, each time on a connection of its own. */
async function askFor(app: ProbedApp, most: number, signal?: AbortSignal): Promise<Watched> {
  const waits: number[] = []
  let lost = 0
  let mostSockets = 0
  const end = performance.now() + most * 1_000
  while (performance.now() < end && signal?.aborted !== true) {
    const from = performance.now()
    await health(app.origin).then(
      () => waits.push(performance.now() - from),
      () => lost++,
    )
    mostSockets = Math.max(mostSockets, await app.connections())
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return { waits, lost, mostSockets }
}

async function health(origin: string): Promise<void> {
  const asked = request(`${origin}/healthz`, { agent: false, timeout: 5_000 })
  asked.once('timeout', () => asked.destroy(new Error('no answer in five seconds')))
  asked.end()
  const [response] = await once(asked, 'response')
  response.resume()
  if (response.statusCode !== 200) throw new Error(`answered ${response.statusCode}`)
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return (
    sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * share) / 100))] ?? Number.NaN
  )
}
