/** One kind of a loop: a call is one operation; a promise is awaited. */
export interface Loop {
  run(): unknown
  /** What is measured otherwise, such as bytes a key. */
  readonly extra?: () => Promise<Record<string, number>>
  /** Operations that one call stands for, where one alone is shorter than the loop around it. */
  readonly operations?: number
  readonly close?: () => Promise<void>
  /** What was decided, when the rounds are over. */
  readonly decisions?: () => Record<string, { allowed: number; refused?: number }>
}

/** Addresses of servers that the bench has started, by name. */
export type Given = Readonly<Partial<Record<string, string>>>

export type Loops = Readonly<Record<string, (given: Given) => Promise<Loop> | Loop>>

interface Order {
  readonly given: Given
  readonly module: string
  readonly kind: string
  readonly rounds: number
  readonly roundMs: number
}

/** Measures one kind in a process of its own: warms up, sizes the rounds, reports nanoseconds. */
const order = JSON.parse(process.argv[2] ?? '{}') as Order
const { loops } = (await import(`./${order.module}.js`)) as { readonly loops: Loops }
const make = loops[order.kind]
if (!make) throw new Error(`there is no kind ${order.kind} in ${order.module}`)
const loop = await make(order.given)
const isAsync = loop.run() instanceof Promise
const count = await size(order.roundMs)
const ns: number[] = []
const wallNs: number[] = []
for (let round = 0; round < order.rounds; round++) {
  const { cpu, wall } = await time(count)
  ns.push(cpu)
  wallNs.push(wall)
}
const decisions = loop.decisions?.() ?? {}
const extra = (await loop.extra?.()) ?? {}
await loop.close?.()
process.send?.({ ns, wallNs, extra, decisions }, () => process.exit())

/** Calls that take about this long, found while warming up. */
async function size(milliseconds: number): Promise<number> {
  let calls = 100
  for (let warm = 0; warm < 30; warm++) {
    const took = (await time(calls)).wall * calls * (loop.operations ?? 1)
    if (took > milliseconds * 1e6 && warm > 6) break
    calls = Math.max(10, Math.ceil((calls * milliseconds * 1e6 * 1.1) / Math.max(took, 1)))
  }
  return calls
}

/** Nanoseconds of an operation: of the processor, which others on the machine do not add to, and of the clock. */
async function time(calls: number): Promise<{ readonly cpu: number; readonly wall: number }> {
  const operations = calls * (loop.operations ?? 1)
  const used = process.cpuUsage()
  const from = process.hrtime.bigint()
  if (isAsync) for (let at = 0; at < calls; at++) await loop.run()
  else for (let at = 0; at < calls; at++) loop.run()
  const wall = Number(process.hrtime.bigint() - from) / operations
  const { system, user } = process.cpuUsage(used)
  return { cpu: ((system + user) * 1_000) / operations, wall }
}
