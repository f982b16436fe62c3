import { join } from 'node:path'
import { allocationOf } from './allocation.ts'
import { temporaryFolder } from './folders.ts'
import { ServerProcess } from './server-process.ts'
import { shuffled } from './stats.ts'
import type { Decisions, Measured } from './verdict.ts'
import { type LoadRequest, runLoad, writeScript } from './wrk.ts'

/** How much is measured. A run counts from four processes of each kind and five rounds. */
export interface Depth {
  readonly processes: number
  readonly rounds: number
  readonly seconds: number
}

export const fullDepth: Depth = { processes: 4, rounds: 5, seconds: 1 }
export const quickDepth: Depth = { processes: 1, rounds: 2, seconds: 1 }

/** Looks from outside whether each control decides; counts when the load is over. */
export interface Probe {
  finish(answered: number): Promise<Record<string, Decisions>>
  /** What can be counted only after the server has closed. */
  stopped?(): Record<string, Decisions>
}

export interface HttpKind {
  readonly name: string
  /** File in `bench/servers`. */
  readonly script: string
  /** Options of one process; called for each, so that none shares a database. */
  readonly options?: () => unknown
  readonly requests: (details: unknown) => readonly LoadRequest[]
  /** What every answer of the load must be. */
  readonly answers: 'accepted' | 'refused'
  readonly probe?: (server: ServerProcess) => Promise<Probe>
}

interface Bench {
  readonly kind: HttpKind
  readonly server: ServerProcess
  readonly script: string
  readonly probe: Probe | undefined
  readonly rounds: { cpuUs: number[]; perSecond: number[] }
  answered: number
}

const connections = 48
const enoughToWarm = 10_000
const serverCore = 0
const loadCore = 1

/**
 * Measures servers under load: `processes` times one process of each kind, started in random order,
 * then rounds in which the kinds take turns. Server and load have a core each.
 */
export async function benchHttp(kinds: readonly HttpKind[], depth: Depth): Promise<Measured[]> {
  const tally = new Map(kinds.map((kind) => [kind.name, new Tally(kind.name)]))
  for (let replicate = 0; replicate < depth.processes; replicate++) {
    await measureReplicate(kinds, depth, tally)
  }
  for (const kind of kinds) {
    const bytes = await allocationOf(kind, { windows: depth.rounds, requests: 500 })
    tally.get(kind.name)?.add({ bytes: [...bytes] })
  }
  return [...tally.values()].map((one) => one.measured())
}

async function measureReplicate(
  kinds: readonly HttpKind[],
  depth: Depth,
  tally: ReadonlyMap<string, Tally>,
): Promise<void> {
  const folder = temporaryFolder()
  const benches: Bench[] = []
  for (const kind of shuffled(kinds)) benches.push(await startBench(kind, folder))
  for (const bench of benches) await warmUp(bench, depth)
  for (const bench of benches) Object.assign(bench.rounds, { cpuUs: [], perSecond: [] })
  for (let round = 0; round < depth.rounds; round++) {
    for (const bench of shuffled(benches)) {
      const fault = await runRound(bench, depth)
      if (fault) tally.get(bench.kind.name)?.fault(fault)
    }
  }
  for (const bench of benches) await finishBench(bench, tally.get(bench.kind.name))
}

async function startBench(kind: HttpKind, folder: string): Promise<Bench> {
  const options = kind.options?.()
  const server = await ServerProcess.start({ script: kind.script, options, core: serverCore })
  const script = join(folder, `${kind.name.replaceAll(/\W+/g, '-')}.lua`)
  writeScript(script, kind.requests(server.details))
  const probe = await kind.probe?.(server)
  return { kind, server, script, probe, rounds: { cpuUs: [], perSecond: [] }, answered: 0 }
}

/** Loads until the code is optimised, which takes requests and not time. */
async function warmUp(bench: Bench, depth: Depth): Promise<void> {
  for (let slice = 0; slice < 10 && bench.answered < enoughToWarm; slice++) {
    await runRound(bench, depth)
  }
}

/** One slice of load; answers of another status than the kind's own are a fault. */
async function runRound(bench: Bench, { seconds }: Depth): Promise<string | undefined> {
  const { rounds, script, server } = bench
  const before = await server.usage()
  const load = { url: server.url, script, connections, seconds, core: loadCore }
  const result = await runLoad(load)
  const after = await server.usage()
  rounds.cpuUs.push((after.cpuUs - before.cpuUs) / result.requests)
  rounds.perSecond.push(result.perSecond)
  bench.answered += result.requests
  const expected = bench.kind.answers === 'accepted' ? 0 : result.requests
  // wrk ends in the middle of answers, so a handful may be counted in one place only.
  if (Math.abs(result.refused - expected) > connections) {
    return `${result.refused} of ${result.requests} answers were refusals`
  }
  return result.broken === 0 ? undefined : `${result.broken} connections broke`
}

async function finishBench(bench: Bench, tally: Tally | undefined): Promise<void> {
  const decisions = await bench.probe?.finish(bench.answered)
  await bench.server.stop()
  tally?.add(bench.rounds, { ...decisions, ...bench.probe?.stopped?.() })
}

/** Gathers what the processes of one kind gave. */
export class Tally {
  readonly #kind: string
  readonly #metrics: Record<string, number[][]> = {}
  readonly #decisions: Record<string, { allowed: number; refused?: number }> = {}
  readonly #faults: string[] = []

  constructor(kind: string) {
    this.#kind = kind
  }

  /** The rounds of one process. */
  add(rounds: Record<string, number[]>, decisions: Record<string, Decisions> = {}): void {
    for (const [name, values] of Object.entries(rounds)) {
      this.#metrics[name] = [...(this.#metrics[name] ?? []), values]
    }
    for (const [control, { allowed, refused }] of Object.entries(decisions)) {
      const sum = this.#decisions[control] ?? { allowed: 0 }
      sum.allowed += allowed
      if (refused !== undefined) sum.refused = (sum.refused ?? 0) + refused
      this.#decisions[control] = sum
    }
  }

  fault(fault: string): void {
    this.#faults.push(fault)
  }

  measured(): Measured {
    const [metrics, decisions, faults] = [this.#metrics, this.#decisions, this.#faults]
    return { kind: this.#kind, metrics, decisions, faults }
  }
}
