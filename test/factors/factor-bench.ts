import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import type { Database, Trx } from '../../src/database/index.ts'
import { decodeBase32 } from '../../src/factors/base32.ts'
import type { FactorStatus } from '../../src/factors/index.ts'
import type { CodeMethod } from '../../src/factors/parts.ts'
import { codeOf, stepOf } from '../../src/factors/totp.ts'
import type { Clock } from '../../src/ports/index.ts'
import { findUserById, type UserRow } from '../../src/users/index.ts'
import { ManualClock } from '../manual-clock.ts'
import { type EngineName, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { openFactors, type TestFactors } from './open-factors.ts'

export const minute = 60_000

/** The room of second factors on a database of its own, and what its tests do again and again. */
export interface FactorBench {
  readonly opened: TestFactors
  readonly reader: Database['reader']
  /** Begins anew with each test. */
  readonly clock: Clock & Pick<ManualClock, 'advance'>
  inTrx<T>(work: (trx: Trx) => Promise<T>): Promise<T>
  /** Adds an account; its id. */
  user(): Promise<string>
  userRow(id: string): Promise<UserRow>
  status(id: string): Promise<FactorStatus>
  /** Sets an app up, whose secret it gives; a first code confirms it. */
  begin(userId: string): Promise<Buffer>
  /** The code of a secret, some steps away from now. */
  codeAt(secret: Uint8Array, away?: number): string
  confirm(userId: string, code: string): Promise<boolean>
  /** What a code proves, which is spent. */
  spend(userId: string, code: string, method?: CodeMethod): Promise<string | undefined>
  /** Somebody with an app whose last code was spent a while ago. */
  enrolled(): Promise<{ readonly userId: string; readonly secret: Buffer }>
  newCodes(userId: string): Promise<readonly string[]>
}

/** Opens the room before the tests of a suite, and closes it after them. */
export function openFactorBench(engine: EngineName): FactorBench {
  const clock = restartingClock()
  const masterKey = randomBytes(32).toString('base64url')
  let fresh: FreshDatabase
  let opened: TestFactors

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    opened = await openFactors(fresh.url, { masterKey, clock })
  })
  afterAll(async () => {
    await opened?.close()
    await fresh?.drop()
  })
  return {
    ...tasks(() => opened, clock),
    clock,
    get opened() {
      return opened
    },
    get reader() {
      return opened.database.reader
    },
  }
}

function restartingClock(): FactorBench['clock'] {
  let clock = new ManualClock()
  beforeEach(() => {
    clock = new ManualClock()
  })
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (ms, task) => clock.after(ms, task),
    advance: (ms) => clock.advance(ms),
  }
}

function tasks(
  room: () => TestFactors,
  clock: FactorBench['clock'],
): Omit<FactorBench, 'opened' | 'reader' | 'clock'> {
  const inTrx: FactorBench['inTrx'] = (work) => room().database.transaction(work)
  const user = () => room().addUser()
  const begin = async (userId: string) => {
    const account = 'ada@example.com'
    const setup = await inTrx((trx) => room().factors.begin(trx, { userId, account }))
    return Buffer.from(decodeBase32(setup.secret) ?? '')
  }
  const codeAt = (secret: Uint8Array, away = 0) => codeOf(secret, stepOf(clock.now()) + away)
  const confirm = (userId: string, code: string) =>
    inTrx((trx) => room().factors.confirm(trx, { userId, code }))
  return {
    ...{ inTrx, user, begin, codeAt, confirm },
    userRow: async (id) => {
      const row = await findUserById(room().database.reader, id)
      if (!row) throw new Error('no such account')
      return row
    },
    status: (id) => room().factors.status(room().database.reader, id),
    spend: (userId, code, method = 'totp') =>
      inTrx((trx) => room().factors.spend(trx, { userId, method, code })),
    enrolled: async () => {
      const userId = await user()
      const secret = await begin(userId)
      expect(await confirm(userId, codeAt(secret))).toBe(true)
      await clock.advance(10 * minute)
      return { userId, secret }
    },
    newCodes: (userId) => inTrx((trx) => room().factors.newCodes(trx, userId)),
  }
}
