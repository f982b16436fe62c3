import { randomUUID } from 'node:crypto'
import { MemoryStore } from 'express-rate-limit'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { openHoldfast } from './holdfast.ts'
import type { Loop, Loops } from './main.ts'

const windowMs = 15 * 60_000
const points = 1_000_000
const keys = Array.from({ length: 10_000 }, () => randomUUID())
const fresh = 100_000

/** One consumption by key, of ten thousand keys; bytes of a key by filling in a hundred thousand. */
export const loops: Loops = {
  'Map, no more': mapOnly,
  Holdfast: ours,
  'rate-limiter-flexible': flexible,
  'express-rate-limit': forExpress,
}

function inTurn(): () => string {
  let at = 0
  return () => {
    at = at + 1 === keys.length ? 0 : at + 1
    return keys[at] ?? ''
  }
}

/** Memory that a key takes beyond its own text, which the caller holds. */
async function bytesOfKey(consume: (key: string) => unknown): Promise<Record<string, number>> {
  const names = Array.from({ length: fresh }, () => randomUUID())
  const before = held()
  for (const name of names) await consume(name)
  const bytes = (held() - before) / names.length
  return { bytes }
}

function held(): number {
  globalThis.gc?.()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function mapOnly(): Loop {
  const counts = new Map<string, number>()
  const next = inTurn()
  const consume = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)
  return { run: () => void consume(next()), extra: () => bytesOfKey(consume) }
}

async function ours(): Promise<Loop> {
  const tight = { points: 1, window: '15m' } as const
  const policies = { bench: { points, window: '15m' }, tight } as const
  const { close, security } = await openHoldfast({ limits: { policies } })
  const { limits } = security
  await limits.consume('tight', 'one')
  const second = await limits.consume('tight', 'one')
  const next = inTurn()
  let allowed = 0
  return {
    run() {
      const verdict = limits.consume('bench', next())
      if (!(verdict instanceof Promise) && verdict.allowed) allowed += 1
      return undefined
    },
    extra: () => bytesOfKey((key) => limits.consume('bench', key)),
    decisions: () => ({ limit: { allowed, refused: Number(!second.allowed) } }),
    close,
  }
}

function flexible(): Loop {
  const limiter = new RateLimiterMemory({ points, duration: windowMs / 1_000 })
  const next = inTurn()
  return {
    run: () => limiter.consume(next()),
    extra: () => bytesOfKey((key) => limiter.consume(key)),
  }
}

function forExpress(): Loop {
  const store = new MemoryStore()
  store.init({ windowMs } as Parameters<typeof store.init>[0])
  const next = inTurn()
  return {
    run: () => store.increment(next()),
    extra: () => bytesOfKey((key) => store.increment(key)),
    close: async () => store.shutdown(),
  }
}
