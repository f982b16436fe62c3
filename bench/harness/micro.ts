import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type Depth, Tally } from './http-bench.ts'
import { builtFolder } from './paths.ts'
import { pinned } from './server-process.ts'
import { shuffled } from './stats.ts'
import type { Decisions, Measured } from './verdict.ts'

type Given = Readonly<Partial<Record<string, string>>>

interface Order {
  readonly module: string
  readonly kind: string
  readonly rounds: number
  readonly roundMs: number
  readonly given: Given
}

interface LoopReport {
  readonly ns: number[]
  readonly wallNs: number[]
  readonly extra: Readonly<Record<string, number>>
  readonly decisions: Readonly<Record<string, Decisions>>
}

/**
 * Measures the loops of a file in `bench/micro`, each kind in processes of its own, in random order. `given`
 * are addresses of servers, by name.
 */
export async function benchLoops(
  module: string,
  kinds: readonly string[],
  depth: Depth,
  given: Given = {},
): Promise<Measured[]> {
  const tally = new Map(kinds.map((kind) => [kind, new Tally(kind)]))
  for (let replicate = 0; replicate < depth.processes; replicate++) {
    for (const kind of shuffled(kinds)) {
      const order = { module, kind, rounds: depth.rounds, roundMs: 150, given }
      const { decisions, extra, ns, wallNs } = await runLoop(order)
      const extras = Object.entries(extra).map(([name, value]) => [name, [value]] as const)
      tally.get(kind)?.add({ ns, wallNs, ...Object.fromEntries(extras) }, decisions)
    }
  }
  return [...tally.values()].map((one) => one.measured())
}

async function runLoop(order: Order) {
  const script = join(builtFolder, 'micro', 'main.js')
  const parts = [process.execPath, '--expose-gc', script, JSON.stringify(order)]
  const [program = '', ...rest] = pinned(0, parts)
  const child = spawn(program, rest, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the loop ${order.kind} ended with ${code}`)
  })
  const [report] = await Promise.race([once(child, 'message'), ended])
  await ended.catch(() => {})
  return report as LoopReport
}
