import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openFactors, type TestFactors } from '../../test/factors/open-factors.ts'
import { ManualClock } from '../../test/manual-clock.ts'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import type { Trx } from '../database/index.ts'
import { findUserById } from '../users/index.ts'
import { decodeBase32 } from './base32.ts'
import type { CodeMethod } from './parts.ts'
import {
  confirmTotp,
  consumeRecoveryCode,
  countRecoveryCodes,
  deleteRecoveryCodes,
  deleteTotp,
  deleteTotpSince,
  dropPendingTotp,
  findTotp,
  insertRecoveryCodes,
  putLiveTotp,
  putPendingTotp,
  spendStep,
} from './store.ts'
import { codeOf, stepMs, stepOf } from './totp.ts'

const minute = 60_000
const hour = 60 * minute
const masterKey = randomBytes(32).toString('base64url')
const wrong = { totp: 'not a code', recovery_code: '00000-00000' } as const

describeEngines('second factors', (engine) => {
  let clock = new ManualClock()
  let fresh: FreshDatabase
  let opened: TestFactors
  const ports = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (ms: number, task: () => void) => clock.after(ms, task),
  }

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    opened = await openFactors(fresh.url, { masterKey, clock: ports })
  })
  afterAll(async () => {
    await opened?.close()
    await fresh?.drop()
  })
  beforeEach(() => {
    clock = new ManualClock()
  })

  const inTrx = <T>(work: (trx: Trx) => Promise<T>) => opened.database.transaction(work)
  const user = () => opened.addUser()
  const userRow = async (id: string) => {
    const row = await findUserById(opened.database.reader, id)
    if (!row) throw new Error('no such account')
    return row
  }
  const status = (id: string) => opened.factors.status(opened.database.reader, id)
  const begin = async (userId: string) => {
    const account = 'ada@example.com'
    const setup = await inTrx((trx) => opened.factors.begin(trx, { userId, account }))
    return Buffer.from(decodeBase32(setup.secret) ?? '')
  }
  const codeAt = (secret: Uint8Array, away = 0) => codeOf(secret, stepOf(clock.now()) + away)
  const confirm = (userId: string, code: string) =>
    inTrx((trx) => opened.factors.confirm(trx, { userId, code }))
  const spend = (userId: string, code: string, method: CodeMethod = 'totp') =>
    inTrx((trx) => opened.factors.spend(trx, { userId, method, code }))
  /** Somebody with an app whose last code was spent a while ago. */
  const enrolled = async () => {
    const userId = await user()
    const secret = await begin(userId)
    expect(await confirm(userId, codeAt(secret))).toBe(true)
    await clock.advance(10 * minute)
    return { userId, secret }
  }
  const newCodes = (userId: string) => inTrx((trx) => opened.factors.newCodes(trx, userId))

  it('an app is enrolled by its first code, and that code is spent', async () => {
    const userId = await user()
    const secret = await begin(userId)
    expect(await status(userId)).toEqual({ totp: null, recoveryCodesLeft: 0 })
    expect(await confirm(userId, codeAt(secret, -2))).toBe(false)
    expect(await confirm(userId, codeAt(secret))).toBe(true)
    expect(await status(userId)).toMatchObject({ totp: { since: clock.now() } })
    expect((await userRow(userId)).totp_since).toBe(clock.now())
    expect(await spend(userId, codeAt(secret))).toBeUndefined()
    expect(await spend(userId, codeAt(secret, -1))).toBeUndefined()
    await clock.advance(stepMs)
    expect(await spend(userId, codeAt(secret))).toBe('otp')
  })

  it('rule 14: a code works once, in this step or the next, and never in another', async () => {
    const { secret, userId } = await enrolled()
    for (const away of [-3, -2, 1, 2]) {
      expect(await spend(userId, codeAt(secret, away))).toBeUndefined()
    }
    expect(await spend(userId, codeAt(secret, -1))).toBe('otp')
    expect(await spend(userId, codeAt(secret, -1))).toBeUndefined()
    expect(await spend(userId, codeAt(secret))).toBe('otp')
    expect(await spend(userId, codeAt(secret))).toBeUndefined()
  })

  it('rule 14: a code of one step ahead works by option alone', async () => {
    const { secret, userId } = await enrolled()
    const ahead = opened.factorsWith({ future: 1 })
    const guess = { userId, method: 'totp', code: codeAt(secret, 1) } as const
    expect(await inTrx((trx) => opened.factors.spend(trx, guess))).toBeUndefined()
    expect(await inTrx((trx) => ahead.spend(trx, guess))).toBe('otp')
    expect(await spend(userId, codeAt(secret))).toBeUndefined()
    await clock.advance(stepMs)
    expect(await spend(userId, codeAt(secret))).toBeUndefined()
  })

  it('rule 14: a code spent on a node 90 seconds ahead or behind works on no other', async () => {
    const behind = opened.factorsWith({ clock: { ...ports, now: () => clock.now() - 90_000 } })
    for (const [first, second] of [
      [behind, opened.factors],
      [opened.factors, behind],
    ] as const) {
      const { secret, userId } = await enrolled()
      const won: number[] = []
      for (let away = -5; away <= 1; away++) {
        const guess = { userId, method: 'totp', code: codeAt(secret, away) } as const
        for (const node of [first, second, first]) {
          if (await inTrx((trx) => node.spend(trx, guess))) won.push(away)
        }
      }
      expect(new Set(won).size).toBe(won.length)
      expect(won.length).toBeGreaterThan(0)
    }
  })

  it('rule 5: setting up anew leaves the app in use until the new one has given a code', async () => {
    const { secret, userId } = await enrolled()
    const next = await begin(userId)
    expect(await spend(userId, codeAt(next))).toBeUndefined()
    expect(await confirm(userId, codeAt(secret))).toBe(false)
    expect(await spend(userId, codeAt(secret))).toBe('otp')
    await clock.advance(stepMs)
    expect(await confirm(userId, codeAt(next))).toBe(true)
    await clock.advance(stepMs)
    expect(await spend(userId, codeAt(secret))).toBeUndefined()
    expect(await spend(userId, codeAt(next))).toBe('otp')
  })

  it('a secret waits for an hour, and beginning again replaces it', async () => {
    const userId = await user()
    const pending = () => opened.factors.isPending(opened.database.reader, userId)
    expect(await pending()).toBe(false)
    const first = await begin(userId)
    const second = await begin(userId)
    expect(await confirm(userId, codeAt(first))).toBe(false)
    await clock.advance(hour - 1)
    expect(await pending()).toBe(true)
    await clock.advance(1)
    expect(await pending()).toBe(false)
    expect(await confirm(userId, codeAt(second))).toBe(false)
    expect(await confirm(userId, codeAt(await begin(userId)))).toBe(true)
    expect(await pending()).toBe(false)
  })

  it('what an app is told fits together, and is never the same twice', async () => {
    const userId = await user()
    const setup = () =>
      inTrx((trx) => opened.factors.begin(trx, { userId, account: 'ada@example.com' }))
    const [one, two] = [await setup(), await setup()]
    expect(one.secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(one.manualEntry.replaceAll(' ', '')).toBe(one.secret)
    expect(new URL(one.otpauthUrl).searchParams.get('secret')).toBe(one.secret)
    expect(Buffer.from(one.qrCode.split(',')[1] ?? '', 'base64').toString()).toBe(one.qrSvg)
    expect(two.secret).not.toBe(one.secret)
  })

  it('an app that is removed opens nothing, and one that was never there cannot be removed', async () => {
    const { secret, userId } = await enrolled()
    const remove = () => inTrx((trx) => opened.factors.remove(trx, userId))
    expect(await remove()).toBe(true)
    expect(await spend(userId, codeAt(secret))).toBeUndefined()
    expect((await userRow(userId)).totp_since).toBeNull()
    expect(await remove()).toBe(false)
    const waiting = await begin(userId)
    expect(await remove()).toBe(false)
    expect(await confirm(userId, codeAt(waiting))).toBe(false)
  })

  it('a secret that is taken over from another product is asked for at once', async () => {
    const userId = await user()
    const secret = randomBytes(10)
    await inTrx((trx) => opened.factors.adopt(trx, { userId, secret }))
    expect((await userRow(userId)).totp_since).toBe(clock.now())
    expect(await spend(userId, codeAt(secret))).toBe('otp')
  })

  it('rule 3: a recovery code works once, however it is typed', async () => {
    const userId = await user()
    const [one = '', two = '', ...others] = await newCodes(userId)
    expect(others).toHaveLength(8)
    expect(await spend(userId, one, 'recovery_code')).toBe('recovery')
    expect(await spend(userId, one, 'recovery_code')).toBeUndefined()
    expect(await spend(userId, two.toLowerCase().replace('-', ' '), 'recovery_code')).toBe(
      'recovery',
    )
    expect(await spend(userId, two, 'recovery_code')).toBeUndefined()
    expect(await status(userId)).toMatchObject({ recoveryCodesLeft: 8 })
  })

  it('new recovery codes end those before; a set is made for whoever has none left', async () => {
    const userId = await user()
    const none = () => inTrx((trx) => opened.factors.codesIfNone(trx, userId))
    const first = await none()
    expect(first).toHaveLength(10)
    expect(await none()).toBeUndefined()
    const second = await newCodes(userId)
    for (const code of first ?? []) expect(await spend(userId, code, 'recovery_code')).toBeFalsy()
    for (const code of second) expect(await spend(userId, code, 'recovery_code')).toBe('recovery')
    expect(await none()).toHaveLength(10)
    await inTrx((trx) => opened.factors.removeCodes(trx, userId))
    expect(await status(userId)).toMatchObject({ recoveryCodesLeft: 0 })
  })

  it('what was enrolled since an instant can be taken back, and what is older stays', async () => {
    const { secret, userId } = await enrolled()
    await newCodes(userId)
    const since = clock.now()
    const undo = (from: number) => inTrx((trx) => opened.factors.removeSince(trx, userId, from))
    await begin(userId)
    expect(await undo(since)).toEqual({ totp: false, recoveryCodes: true })
    expect(await status(userId)).toMatchObject({ totp: {}, recoveryCodesLeft: 0 })
    expect(await opened.factors.isPending(opened.database.reader, userId)).toBe(false)
    expect(await spend(userId, codeAt(secret))).toBe('otp')
    expect(await undo(since - 10 * minute)).toEqual({ totp: true, recoveryCodes: false })
    expect(await status(userId)).toMatchObject({ totp: null })
    expect((await userRow(userId)).totp_since).toBeNull()
  })

  it('neither kind of code is taken for the other, or for another account', async () => {
    const { secret, userId } = await enrolled()
    const other = await user()
    const [code = ''] = await newCodes(userId)
    expect(await spend(userId, codeAt(secret), 'recovery_code')).toBeUndefined()
    expect(await spend(userId, code, 'totp')).toBeUndefined()
    expect(await spend(other, codeAt(secret), 'totp')).toBeUndefined()
    expect(await spend(other, code, 'recovery_code')).toBeUndefined()
  })

  it('methods are those that are enrolled; recovery codes stand in for one and never alone', async () => {
    const { userId } = await enrolled()
    const methods = async (change = {}) =>
      opened.factors.methods(opened.database.reader, { ...(await userRow(userId)), ...change })
    expect(await methods()).toEqual(['totp'])
    await newCodes(userId)
    expect(await methods()).toEqual(['totp', 'recovery_code'])
    expect(await methods({ totp_since: null, passkeys: 1 })).toEqual(['passkey', 'recovery_code'])
    expect(await methods({ totp_since: null })).toEqual([])
  })

  it('rule 34: neither a secret nor a recovery code stands in the database', async () => {
    const { secret, userId } = await enrolled()
    const codes = await newCodes(userId)
    await begin(userId)
    const reader = opened.database.reader
    const rows = JSON.stringify([
      await reader.selectFrom('hf_totp').selectAll().execute(),
      await reader.selectFrom('hf_recovery_codes').selectAll().execute(),
    ])
    for (const shown of [secret.toString('base64url'), secret.toString('hex'), ...codes]) {
      expect(rows).not.toContain(shown)
      expect(rows).not.toContain(shown.replace('-', ''))
    }
  })

  it('rule 36: rows moved to another account open nothing', async () => {
    const { secret, userId } = await enrolled()
    const [code = ''] = await newCodes(userId)
    const thief = await enrolled()
    await newCodes(thief.userId)
    const row = await findTotp(opened.database.reader, userId)
    await inTrx(async (trx) => {
      const stolen = { secret: row?.secret ?? '', lastStep: 0, at: clock.now() }
      await putLiveTotp(trx, thief.userId, stolen)
      await trx.deleteFrom('hf_recovery_codes').where('user_id', '=', thief.userId).execute()
      await trx.updateTable('hf_recovery_codes').set({ user_id: thief.userId }).execute()
    })
    await expect(spend(thief.userId, codeAt(secret))).rejects.toMatchObject({
      code: 'sealed_unreadable',
    })
    expect(await spend(thief.userId, code, 'recovery_code')).toBeUndefined()
  })

  /** Where a try comes from: a network, or a known device there. */
  interface Place {
    readonly client?: string
    readonly device?: string
  }
  const from = ({ client = '192.0.2.1', device }: Place = {}) => {
    return { clientKey: client, deviceHash: device }
  }

  const tryOnce = async (
    userId: string,
    method: CodeMethod,
    { code = wrong[method], ...place }: Place & { readonly code?: string } = {},
  ) => {
    const guess = await opened.factors.reserve({ ...from(place), userId, method })
    if (!guess) return 'refused'
    return inTrx(async (trx) => {
      if (await opened.factors.spend(trx, { userId, method, code })) {
        await opened.factors.succeed(trx, guess)
        return 'right'
      }
      return (await opened.factors.fail(trx, guess)) ? 'attacked' : 'wrong'
    })
  }

  /** Tries until nothing is looked at any more; how many were. */
  const exhaust = async (userId: string, place: Place = {}) => {
    const seen: string[] = []
    for (let turn = 0; turn < 130; turn++) {
      seen.push(await tryOnce(userId, 'totp', place))
      await clock.advance(16 * minute)
    }
    return seen.filter((word) => word !== 'refused')
  }

  it('rule 13: of codes of an app a hundred wrong ones in a row are looked at, and no right one after them', async () => {
    const { secret, userId } = await enrolled()
    const seen = await exhaust(userId)
    expect(seen).toHaveLength(100)
    expect(seen.indexOf('attacked')).toBe(9)
    expect(seen.filter((word) => word === 'attacked')).toHaveLength(2)
    const code = codeAt(secret)
    expect(await tryOnce(userId, 'totp', { code })).toBe('refused')
    expect(await tryOnce(userId, 'totp', { code, client: '198.51.100.9' })).toBe('refused')
  })

  it('rule 11: a known device has its own lane for codes of an app: whoever fills the others leaves it open', async () => {
    const { secret, userId } = await enrolled()
    await exhaust(userId)
    expect(await exhaust(userId, { device: 'copied' })).toHaveLength(20)
    const code = codeAt(secret)
    expect(await tryOnce(userId, 'totp', { device: 'copied', code })).toBe('refused')
    expect(await tryOnce(userId, 'totp', { device: 'own', code })).toBe('right')
    await clock.advance(minute)
    // It opened its own lane, and not that of strangers.
    expect(await tryOnce(userId, 'totp', { code: codeAt(secret) })).toBe('refused')
  })

  it('rule 13: known devices have a hundred wrong codes together, less what their owner got wrong', async () => {
    const { secret, userId } = await enrolled()
    await exhaust(userId)
    const looked: number[] = []
    for (const device of ['a', 'b', 'c', 'd', 'e', 'f']) {
      looked.push((await exhaust(userId, { device, client: '198.51.100.9' })).length)
    }
    expect(looked).toEqual([20, 20, 20, 20, 20, 0])
    const { userId: owner, ...app } = await enrolled()
    for (let turn = 0; turn < 130; turn++) {
      await clock.advance(16 * minute)
      const code = turn % 2 === 0 ? wrong.totp : codeAt(app.secret)
      const word = await tryOnce(owner, 'totp', { device: 'own', code })
      expect(word).toBe(turn % 2 === 0 ? 'wrong' : 'right')
    }
    expect(await tryOnce(userId, 'totp', { code: codeAt(secret), device: 'f' })).toBe('refused')
  })

  it('rule 11: no number of wrong recovery codes closes them, nor a burst from elsewhere', async () => {
    const { userId } = await enrolled()
    const [first = '', second = ''] = await newCodes(userId)
    for (let turn = 0; turn < 130; turn++) {
      await tryOnce(userId, 'recovery_code')
      await clock.advance(minute)
    }
    for (let turn = 0; turn < 30; turn++) await tryOnce(userId, 'recovery_code')
    expect(await tryOnce(userId, 'recovery_code', { code: first })).toBe('refused')
    const client = '198.51.100.9'
    expect(await tryOnce(userId, 'recovery_code', { code: first, client })).toBe('right')
    await clock.advance(minute)
    expect(await tryOnce(userId, 'recovery_code', { code: second })).toBe('right')
  })

  it('rule 13: of a burst of recovery codes from one client five are looked at, and one a minute from then on', async () => {
    const { userId } = await enrolled()
    await newCodes(userId)
    const looked = async (tries: number) => {
      const words = []
      for (let turn = 0; turn < tries; turn++) words.push(await tryOnce(userId, 'recovery_code'))
      return words.filter((word) => word !== 'refused').length
    }
    expect(await looked(20)).toBe(5)
    for (let turn = 0; turn < 10; turn++) {
      await clock.advance(minute)
      await looked(1)
    }
    await clock.advance(minute - 1)
    expect(await looked(5)).toBe(0)
    await clock.advance(1)
    expect(await looked(5)).toBe(1)
  })

  it('rule 14: ten wrong ones are told whoever tries from wherever, once a day', async () => {
    const { userId } = await enrolled()
    const words: string[] = []
    for (let turn = 0; turn < 30; turn++) {
      words.push(await tryOnce(userId, 'recovery_code', { client: `198.51.100.${turn}` }))
    }
    expect(words.indexOf('attacked')).toBe(9)
    expect(words.filter((word) => word === 'attacked')).toHaveLength(1)
  })

  it('rule 13: a reset of the password opens no lane of a factor; another factor does', async () => {
    const { userId } = await enrolled()
    await exhaust(userId)
    await inTrx((trx) => opened.throttle.clear(trx, userId))
    expect(await tryOnce(userId, 'totp')).toBe('refused')
    const next = await begin(userId)
    expect(await confirm(userId, codeAt(next))).toBe(true)
    expect(await tryOnce(userId, 'totp')).toBe('wrong')
    await exhaust(userId)
    await inTrx((trx) => opened.factors.openLanes(trx, userId))
    expect(await tryOnce(userId, 'totp')).toBe('wrong')
  })

  it('tries close their own lane after five, and a right one opens it', async () => {
    const { secret, userId } = await enrolled()
    const words = []
    for (let turn = 0; turn < 6; turn++) words.push(await tryOnce(userId, 'totp'))
    expect(words).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'refused'])
    expect(await tryOnce(userId, 'recovery_code')).toBe('wrong')
    await clock.advance(1_000)
    expect(await tryOnce(userId, 'totp', { code: codeAt(secret) })).toBe('right')
    for (let turn = 0; turn < 5; turn++) expect(await tryOnce(userId, 'totp')).toBe('wrong')
  })

  it('a try that was not evaluated is given back', async () => {
    const { userId } = await enrolled()
    for (let turn = 0; turn < 20; turn++) {
      const guess = await opened.factors.reserve({ ...from(), userId, method: 'recovery_code' })
      if (!guess) throw new Error('refused')
      await inTrx((trx) => opened.factors.release(trx, guess))
    }
  })

  it('rule 11: no number of tries holds a passkey back', async () => {
    const { userId } = await enrolled()
    const told: boolean[] = []
    for (let turn = 0; turn < 130; turn++) {
      const guess = await opened.factors.reserve({ ...from(), userId, method: 'passkey' })
      if (!guess) throw new Error('refused')
      told.push(await inTrx((trx) => opened.factors.fail(trx, guess)))
    }
    expect(told.filter(Boolean)).toHaveLength(1)
    expect(await tryOnce(userId, 'totp')).toBe('wrong')
  })

  it('every store function keeps its word', async () => {
    const [userId, other] = [await user(), await user()]
    await inTrx(async (trx) => {
      expect(await findTotp(trx, userId)).toBeUndefined()
      await putPendingTotp(trx, userId, { secret: 'a', at: 1 })
      await putPendingTotp(trx, userId, { secret: 'b', at: 2 })
      expect(await confirmTotp(trx, userId, { secret: 'a', lastStep: 5, at: 3 })).toBe(false)
      expect(await confirmTotp(trx, other, { secret: 'b', lastStep: 5, at: 3 })).toBe(false)
      expect(await confirmTotp(trx, userId, { secret: 'b', lastStep: 5, at: 3 })).toBe(true)
      expect(await confirmTotp(trx, userId, { secret: 'b', lastStep: 6, at: 4 })).toBe(false)
      expect(await findTotp(trx, userId)).toEqual({
        ...{ user_id: userId, secret: 'b', confirmed_at: 3, last_step: 5 },
        ...{ pending_secret: null, pending_at: null },
      })
      expect(await spendStep(trx, userId, { secret: 'a', step: 6 })).toBe(false)
      expect(await spendStep(trx, userId, { secret: 'b', step: 5 })).toBe(false)
      expect(await spendStep(trx, userId, { secret: 'b', step: 6 })).toBe(true)
      expect(await spendStep(trx, userId, { secret: 'b', step: 6 })).toBe(false)
      await putPendingTotp(trx, userId, { secret: 'c', at: 4 })
      expect(await findTotp(trx, userId)).toMatchObject({ secret: 'b', pending_secret: 'c' })
      await putLiveTotp(trx, userId, { secret: 'd', lastStep: -1, at: 5 })
      expect(await findTotp(trx, userId)).toMatchObject({ secret: 'd', pending_secret: null })
      await putPendingTotp(trx, userId, { secret: 'e', at: 6 })
      await dropPendingTotp(trx, userId)
      expect(await findTotp(trx, userId)).toMatchObject({ secret: 'd', pending_at: null })
      expect(await deleteTotpSince(trx, userId, 6)).toBe(false)
      expect(await deleteTotpSince(trx, other, 5)).toBe(false)
      expect(await deleteTotpSince(trx, userId, 5)).toBe(true)
      await putLiveTotp(trx, userId, { secret: 'd', lastStep: -1, at: 5 })
      expect(await deleteTotp(trx, other)).toBe(false)
      expect(await deleteTotp(trx, userId)).toBe(true)
      expect(await deleteTotp(trx, userId)).toBe(false)
      const row = (code_hash: string) => {
        return { user_id: userId, code_hash, created_at: 1, used_at: null }
      }
      await insertRecoveryCodes(trx, [row('x'), row('y')])
      expect(await countRecoveryCodes(trx, userId)).toBe(2)
      expect(await consumeRecoveryCode(trx, other, { hash: 'x', now: 2 })).toBe(false)
      expect(await consumeRecoveryCode(trx, userId, { hash: 'z', now: 2 })).toBe(false)
      expect(await consumeRecoveryCode(trx, userId, { hash: 'x', now: 2 })).toBe(true)
      expect(await consumeRecoveryCode(trx, userId, { hash: 'x', now: 3 })).toBe(false)
      expect(await countRecoveryCodes(trx, userId)).toBe(1)
      await deleteRecoveryCodes(trx, userId, 2)
      expect(await countRecoveryCodes(trx, userId)).toBe(1)
      await deleteRecoveryCodes(trx, userId)
      expect(await countRecoveryCodes(trx, userId)).toBe(0)
    })
  })

  it('what belongs to an account goes with it', async () => {
    const { userId } = await enrolled()
    await newCodes(userId)
    await inTrx((trx) => trx.deleteFrom('hf_users').where('id', '=', userId).execute())
    expect(await status(userId)).toEqual({ totp: null, recoveryCodesLeft: 0 })
  })
})
