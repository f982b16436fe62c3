import { Redis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import { HeardLogger } from '../limits/heard-logger.ts'
import { Gate } from '../outage/gate.ts'
import { goodPassword, type ServedApp, serveApp } from '../served-app.ts'
import { isAvailable } from '../services/binaries.ts'
import { serviceUrl } from '../services/context.ts'

const limits = {
  auth: { points: 5, window: '15m' },
  authClient: { points: 50, window: '15m' },
} as const

describe.skipIf(!isAvailable('redis'))('an app with Valkey', () => {
  const ends: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  const served = async () => {
    const gate = await Gate.before(await serviceUrl('redis'))
    const logger = new HeardLogger()
    const app = await serveApp({ valkey: gate.url, limits, logger, captcha: 'none' })
    ends.push(gate.close.bind(gate), app.stop)
    await app.person('ada@example.com')
    return { app, gate, logger }
  }
  /** Empties Valkey of what apps of these tests have counted. */
  const forget = async () => {
    const looker = new Redis(await serviceUrl('redis'))
    const keys = await looker.keys('hf_limits:*')
    expect(await looker.del(...keys)).toBeGreaterThan(1)
    await looker.quit()
  }
  const login = (app: ServedApp, password: string) =>
    app.request('POST', '/auth/login', { body: { email: 'ada@example.com', password } })
  const failures = async (app: ServedApp, times: number) => {
    const statuses: number[] = []
    for (let at = 0; at < times; at += 1) statuses.push((await login(app, `wrong ${at}`)).status)
    return statuses
  }
  const rowsOf = (app: ServedApp) =>
    app.security.parts.ground.database.reader.selectFrom('hf_limits').selectAll().execute()

  it('counts failed proofs there, gives successes back, and answers 429 with its headers', async () => {
    const { app } = await served()
    for (let at = 0; at < 6; at += 1) expect((await login(app, goodPassword)).status).toBe(200)
    expect(await failures(app, 5)).toEqual([401, 401, 401, 401, 401])
    const refused = await login(app, goodPassword)
    expect(refused).toMatchObject({ status: 429, json: { code: 'rate_limited' } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await rowsOf(app)).toEqual([])
  })

  it('counts in the database while it is away, and nobody is answered 500', async () => {
    const { app, gate, logger } = await served()
    await failures(app, 2)
    gate.mode = 'hang'
    expect(await failures(app, 6)).toEqual([401, 401, 401, 401, 401, 429])
    expect(await rowsOf(app)).toHaveLength(2)
    gate.mode = 'open'
    await logger.hears('answers again')
    expect((await login(app, goodPassword)).status).toBe(429)
    expect(logger.count('does not answer')).toBe(1)
  })

  it('keeps the lanes of an account in the database, where no emptied cache opens them', async () => {
    const { app } = await served()
    await failures(app, 3)
    await forget()
    await failures(app, 2)
    const lanes = await app.security.parts.ground.database.reader
      .selectFrom('hf_guesses')
      .select('guesses')
      .where('lane', '=', 'strangers')
      .execute()
    expect(lanes).toEqual([{ guesses: 5 }])
  })

  it('can be told to count limits in SQL all the same', async () => {
    const app = await serveApp({
      ...{ valkey: await serviceUrl('redis'), limits: { ...limits, store: 'sql' } },
      captcha: 'none',
    })
    ends.push(app.stop)
    await app.person('ada@example.com')
    await failures(app, 1)
    expect(await rowsOf(app)).toHaveLength(2)
  })
})
