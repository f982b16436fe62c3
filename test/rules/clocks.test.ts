import { expect, it } from 'vitest'
import { type Logger, silentLogger, systemClock } from '../../src/ports/index.ts'
import { serveApp } from '../served-app.ts'
import { describeEngines, freshDatabase } from '../services/fresh-database.ts'

/** A node on `engine` whose clock is `offsetMs` ahead; `work` moves it. */
async function onNode(
  engine: Parameters<typeof freshDatabase>[0],
  offsetMs: number,
  work: (node: {
    readonly readyz: () => Promise<number>
    readonly setAhead: (ms: number) => Promise<void>
    readonly told: readonly string[]
  }) => Promise<void>,
): Promise<void> {
  const told: string[] = []
  const ahead = { ms: offsetMs, passed: 0 }
  const write = (message: string) => void told.push(message)
  const logger: Logger = { ...silentLogger, info: write, warn: write, error: write }
  const clock = {
    now: () => Date.now() + ahead.ms,
    monotonic: () => performance.now() + ahead.passed,
    after: systemClock.after,
  }
  const fresh = await freshDatabase(engine)
  const app = await serveApp({ database: fresh.url, clock, logger })
  try {
    await work({
      readyz: async () => (await app.request('GET', '/readyz')).status,
      setAhead: async (ms) => {
        ahead.ms = ms
        ahead.passed += 5_000
        await app.security.parts.ground.revocations.poll()
      },
      told,
    })
  } finally {
    await app.stop()
    await fresh.drop()
  }
}

const off = 'The clock of this node is off from that of its database: it is not ready'
const right = 'The clock of this node is right again'
const aboutClocks = (told: readonly string[]) => told.filter((line) => [off, right].includes(line))

describeEngines('a node whose clock is not that of its database', (engine) => {
  const away = engine === 'sqlite' ? 200 : 503

  it('starts, says so once, and takes no requests until the clock is right', async () => {
    await onNode(engine, 16_000, async ({ readyz, setAhead, told }) => {
      expect([await readyz(), await readyz()]).toEqual([away, away])
      await setAhead(0)
      expect(await readyz()).toBe(200)
      await setAhead(-16_000)
      expect(await readyz()).toBe(away)
      expect(aboutClocks(told)).toEqual(engine === 'sqlite' ? [] : [off, right, off])
    })
  }, 60_000)

  it('is ready as long as the difference is at most 15 seconds', async () => {
    await onNode(engine, 13_000, async ({ readyz, setAhead, told }) => {
      expect(await readyz()).toBe(200)
      await setAhead(-13_000)
      expect(await readyz()).toBe(200)
      expect(aboutClocks(told)).toEqual([])
    })
  }, 60_000)

  it('is not compared with it where a test moves it', async () => {
    const fresh = await freshDatabase(engine)
    const app = await serveApp({ database: fresh.url })
    try {
      expect(Math.abs(app.clock.now() - Date.now())).toBeGreaterThan(15_000)
      expect((await app.request('GET', '/readyz')).status).toBe(200)
    } finally {
      await app.stop()
      await fresh.drop()
    }
  }, 60_000)
})
