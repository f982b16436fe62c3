import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import { type Database, databaseErrors } from '../database/index.ts'
import { toProblem } from '../errors/index.ts'
import type { EventInput, Recorder } from '../events/index.ts'
import { limitHeaders, rateLimited } from './headers.ts'
import { Limits } from './limits.ts'
import { type LimitPolicy, policiesOf } from './policy.ts'
import { Refusals } from './refusals.ts'
import { SqlLimits } from './sql.ts'

const general: LimitPolicy = { name: 'general', points: 3, windowMs: 900_000, store: 'memory' }
const auth: LimitPolicy = { name: 'auth', points: 3, windowMs: 900_000, store: 'sql' }
const insured: LimitPolicy = { ...auth, name: 'insured', insurance: 'memory' }

/** A database that is not there; `fault` makes what each use fails with. */
function absentDatabase(fault: () => Error): Database {
  const fail = () => {
    throw fault()
  }
  const parts = { clock: new ManualClock(), transaction: async () => fail() }
  return Object.defineProperty({ ...parts }, 'reader', { get: fail }) as unknown as Database
}

function limitsWithout(fault: () => Error) {
  const sql = new SqlLimits({ database: absentDatabase(fault), hashKey: randomBytes(32) })
  return new Limits({ clock: new ManualClock(), policies: [general, auth, insured], sql })
}

describe('a policy', () => {
  const limits = new Limits({ clock: new ManualClock(), policies: [general] })

  it.each([[['a']], [{ a: 1 }], [7], [undefined], [null]])(
    'counts by text alone, for what is equal and not the same would never be counted twice: %j',
    (key) => {
      for (const ask of [limits.consume, limits.count, limits.peek]) {
        expect(() => ask.call(limits, 'general', key as never)).toThrow('must be text')
      }
    },
  )

  it('is asked by name, and an unknown name is an error, not a pass', () => {
    expect(limits.consume('general', 'a')).toMatchObject({ allowed: true, remaining: 2 })
    expect(() => limits.consume('genral', 'a')).toThrow(
      expect.objectContaining({ code: 'limit_policy_unknown' }),
    )
  })

  it('may be given by value, where every key has its own', () => {
    const own = { name: 'api_key', points: 1, windowMs: 1_000, store: 'memory' } as const
    expect(limits.consume(own, 'k')).toMatchObject({ allowed: true, limit: 1 })
    expect(limits.consume(own, 'k')).toMatchObject({ allowed: false })
    expect(limits.consume({ ...own, points: 2 }, 'k')).toMatchObject({ allowed: true, limit: 2 })
  })

  it.each([
    ...[{ points: 0 }, { points: -1 }, { points: 1.5 }, { points: 2 ** 31 }, { windowMs: 0 }],
    ...[{ windowMs: Number.NaN }, { blockMs: -5 }, { name: '' }, { name: 'a"b' }, { name: 'a b' }],
    ...[{ points: '10' as unknown as number }],
  ])('that cannot be counted or written is refused at once: %j', (change) => {
    const policies = [{ ...general, ...change }]
    expect(() => new Limits({ clock: new ManualClock(), policies })).toThrow(
      expect.objectContaining({ code: 'limit_policy_invalid' }),
    )
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1' as unknown as number])(
    'counts whole points from 1 alone: %s',
    async (points) => {
      expect(() => limits.consume('general', 'p', points)).toThrow(RangeError)
      const verdict = await limits.consume('general', 'q')
      await expect(limits.refund('general', 'q', { verdict, points })).rejects.toThrow(RangeError)
    },
  )

  it('of a configuration counts failed proofs in SQL and requests in memory', () => {
    const one = { points: 1, windowMs: 1_000 }
    const policies = policiesOf({
      ...{ general: one, account: one, auth: one, authClient: one, mailAddress: one },
      ...{
        mailClient: one,
        passwordCheck: one,
        cspReports: one,
        policies: {
          checkout: { ...one, store: 'memory', insurance: 'refuse' },
          coupons: { ...one, store: 'exact', insurance: 'memory' },
        },
        store: 'sql',
      },
    })
    const names = (store: string) => policies.filter((p) => p.store === store).map((p) => p.name)
    expect(names('memory')).toEqual([
      'general',
      'account',
      'password_check',
      'csp_reports',
      'csp_rows',
      'checkout',
    ])
    expect(names('sql')).toEqual(['auth', 'auth_client', 'mail_address', 'mail_client', 'coupons'])
  })
})

describe('refund and reset', () => {
  it('reach policies in memory', async () => {
    const limits = new Limits({ clock: new ManualClock(), policies: [general] })
    const verdict = await limits.consume('general', 'a', 3)
    await limits.refund('general', 'a', { verdict, points: 2 })
    expect(await limits.peek('general', 'a')).toMatchObject({ remaining: 2 })
    await limits.reset('general', 'a')
    expect(await limits.peek('general', 'a')).toMatchObject({ remaining: 3 })
  })

  it('of a policy in SQL needs the transaction of the success', async () => {
    const limits = limitsWithout(() => new Error('unused'))
    const verdict = await limits.consume('general', 'a')
    await expect(limits.refund('auth', 'a', { verdict })).rejects.toThrow(TypeError)
  })
})

describe('while the database is away', () => {
  const away = () => databaseErrors.database_unavailable()

  it('a limit refuses with 503 and never lets pass', async () => {
    const limits = limitsWithout(away)
    for (const asked of [limits.consume('auth', 'a'), limits.peek('auth', 'a')]) {
      await expect(asked).rejects.toMatchObject({ code: 'limit_unavailable', status: 503 })
    }
  })

  it('an insured one counts in memory, and still refuses at its limit', async () => {
    const limits = limitsWithout(away)
    const allowed: boolean[] = []
    for (let use = 0; use < 5; use += 1)
      allowed.push((await limits.consume('insured', 'a')).allowed)
    expect(allowed).toEqual([true, true, true, false, false])
    expect(await limits.peek('insured', 'a')).toMatchObject({ allowed: false })
  })

  it('a fault that is no outage refuses insured ones too', async () => {
    const limits = limitsWithout(() => new Error('a bug'))
    await expect(limits.consume('insured', 'a')).rejects.toMatchObject({ status: 503 })
  })

  it('policies in memory go on', () => {
    expect(limitsWithout(away).consume('general', 'a')).toMatchObject({ allowed: true })
  })

  it('a policy in SQL without a store refuses', async () => {
    const limits = new Limits({ clock: new ManualClock(), policies: [insured] })
    await expect(limits.consume('insured', 'a')).rejects.toMatchObject({ status: 503 })
  })
})

describe('the answer', () => {
  const limits = new Limits({ clock: new ManualClock(), policies: [general] })

  it('carries the policy and what is left as structured fields', async () => {
    expect(limitHeaders(await limits.consume('general', 'a'))).toEqual([
      ...['ratelimit-policy', '"general";q=3;w=900'],
      ...['ratelimit', '"general";r=2;t=900'],
    ])
  })

  it('to a refusal is 429 with Retry-After, and the seconds in the body', async () => {
    await limits.consume('general', 'b', 3)
    const { status, headers, body } = toProblem(rateLimited(await limits.consume('general', 'b')))
    expect(status).toBe(429)
    expect(headers).toMatchObject({ 'retry-after': '900', ratelimit: '"general";r=0;t=900' })
    expect(body).toMatchObject({
      code: 'rate_limited',
      retryAfter: 900,
      error: 'Too many requests',
    })
  })
})

describe('refusals', () => {
  const hashKey = randomBytes(32)
  const recording = () => {
    const recorded: EventInput<'limit.refused'>[] = []
    const recorder = {
      record: async (_: unknown, event: EventInput<'limit.refused'>) => void recorded.push(event),
    } as unknown as Recorder
    return { recorded, recorder }
  }
  const database = { transaction: (work: (trx: unknown) => unknown) => work({}) } as Database

  it('are recorded once a key, with their number and without the key', async () => {
    const { recorded, recorder } = recording()
    const clock = new ManualClock()
    const refusals = new Refusals({ clock, hashKey, recorder })
    const onRefused = refusals.note.bind(refusals)
    const limits = new Limits({ clock, policies: [general], onRefused })
    for (let use = 0; use < 103; use += 1) await limits.consume('general', '203.0.113.9')
    for (let use = 0; use < 5; use += 1) await limits.consume('general', 'alice@example.com')
    await refusals.flush(database)
    expect(recorded.map(({ payload }) => payload)).toEqual([
      expect.objectContaining({ policy: 'general', refusals: 100, client: '203.0.113.9' }),
      expect.objectContaining({ policy: 'general', refusals: 2, since: clock.now() }),
    ])
    expect(JSON.stringify(recorded)).not.toContain('alice')
    expect(recorded[0]?.payload.keyHash).toMatch(/^[0-9a-f]{16}$/)
    await refusals.flush(database)
    expect(recorded).toHaveLength(2)
  })

  it('of a flood of keys cost a bounded number of rows, and none is lost', async () => {
    const { recorded, recorder } = recording()
    const refusals = new Refusals({ clock: new ManualClock(), hashKey, recorder })
    for (let index = 0; index < 5_000; index += 1) refusals.note('general', `key${index}`)
    await refusals.flush(database)
    expect(recorded.length).toBeLessThanOrEqual(1_001)
    expect(recorded.reduce((sum, { payload }) => sum + payload.refusals, 0)).toBe(5_000)
  })

  it('are kept when they could not be recorded', async () => {
    const { recorded, recorder } = recording()
    const refusals = new Refusals({ clock: new ManualClock(), hashKey, recorder })
    refusals.note('general', 'a')
    const broken = {
      transaction: async () => {
        refusals.note('general', 'a')
        throw new Error('away')
      },
    } as unknown as Database
    await expect(refusals.flush(broken)).rejects.toThrow('away')
    await refusals.flush(database)
    expect(recorded.map(({ payload }) => payload.refusals)).toEqual([2])
  })
})
