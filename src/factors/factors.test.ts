import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { minute, openFactorBench } from '../../test/factors/factor-bench.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'
import { stepMs } from './totp.ts'

const hour = 60 * minute

describeEngines('second factors', (engine) => {
  const bench = openFactorBench(engine)
  const { begin, clock, codeAt, confirm, enrolled, inTrx, newCodes, spend, status, user, userRow } =
    bench

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
    const ahead = bench.opened.factorsWith({ future: 1 })
    const guess = { userId, method: 'totp', code: codeAt(secret, 1) } as const
    expect(await inTrx((trx) => bench.opened.factors.spend(trx, guess))).toBeUndefined()
    expect(await inTrx((trx) => ahead.spend(trx, guess))).toBe('otp')
    expect(await spend(userId, codeAt(secret))).toBeUndefined()
    await clock.advance(stepMs)
    expect(await spend(userId, codeAt(secret))).toBeUndefined()
  })

  it('rule 14: a code spent on a node 90 seconds ahead or behind works on no other', async () => {
    const behind = bench.opened.factorsWith({
      clock: { ...clock, now: () => clock.now() - 90_000 },
    })
    for (const [first, second] of [
      [behind, bench.opened.factors],
      [bench.opened.factors, behind],
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
    const pending = () => bench.opened.factors.isPending(bench.reader, userId)
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

  it('a secret that waits is shown again to whoever set it up, and to nobody else', async () => {
    const userId = await user()
    const { factors } = bench.opened
    const whose = { userId, account: 'ada@example.com', holder: 'session:one' }
    const given = await inTrx((trx) => factors.begin(trx, whose))
    const shown = (of: object) => factors.shown(bench.reader, { ...whose, ...of })
    expect(await shown({})).toEqual(given)
    for (const holder of ['session:two', 'flow:one', '', undefined]) {
      expect(await shown({ holder })).toBeUndefined()
    }
    expect(await shown({ userId: await user() })).toBeUndefined()
    await clock.advance(hour)
    expect(await shown({})).toBeUndefined()
    await begin(userId)
    expect(await shown({ holder: undefined })).toBeUndefined()
  })

  it('a secret that waits is tried ten times, however many tries come at once, and then ends', async () => {
    const userId = await user()
    const { factors } = bench.opened
    const whose = { userId, account: 'ada@example.com', holder: 'session:one' }
    const tryOnce = () => inTrx((trx) => factors.countSetupTry(trx, userId))
    expect(await tryOnce()).toBe(false)
    const given = await inTrx((trx) => factors.begin(trx, whose))
    const tries = await Promise.all(Array.from({ length: 30 }, tryOnce))
    expect(tries.filter(Boolean)).toHaveLength(10)
    expect(await factors.shown(bench.reader, whose)).toBeUndefined()
    const next = await inTrx((trx) => factors.begin(trx, whose))
    expect(next.secret).not.toBe(given.secret)
    expect(await tryOnce()).toBe(true)
    await clock.advance(hour)
    expect(await tryOnce()).toBe(false)
  })

  it('what an app is told fits together, and is never the same twice', async () => {
    const userId = await user()
    const setup = () =>
      inTrx((trx) => bench.opened.factors.begin(trx, { userId, account: 'ada@example.com' }))
    const [one, two] = [await setup(), await setup()]
    expect(one.secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(one.manualEntry.replaceAll(' ', '')).toBe(one.secret)
    expect(new URL(one.otpauthUrl).searchParams.get('secret')).toBe(one.secret)
    expect(Buffer.from(one.qrCode.split(',')[1] ?? '', 'base64').toString()).toBe(one.qrSvg)
    expect(two.secret).not.toBe(one.secret)
  })

  it('an app that is removed opens nothing, and one that was never there cannot be removed', async () => {
    const { secret, userId } = await enrolled()
    const remove = () => inTrx((trx) => bench.opened.factors.remove(trx, userId))
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
    await inTrx((trx) => bench.opened.factors.adopt(trx, { userId, secret }))
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
    const none = () => inTrx((trx) => bench.opened.factors.codesIfNone(trx, userId))
    const first = await none()
    expect(first).toHaveLength(10)
    expect(await none()).toBeUndefined()
    const second = await newCodes(userId)
    for (const code of first ?? []) expect(await spend(userId, code, 'recovery_code')).toBeFalsy()
    for (const code of second) expect(await spend(userId, code, 'recovery_code')).toBe('recovery')
    expect(await none()).toHaveLength(10)
    await inTrx((trx) => bench.opened.factors.removeCodes(trx, userId))
    expect(await status(userId)).toMatchObject({ recoveryCodesLeft: 0 })
  })

  it('what was enrolled since an instant can be taken back, and what is older stays', async () => {
    const { secret, userId } = await enrolled()
    await newCodes(userId)
    const since = clock.now()
    const undo = (from: number) =>
      inTrx((trx) => bench.opened.factors.removeSince(trx, userId, from))
    await begin(userId)
    expect(await undo(since)).toEqual({ totp: false, recoveryCodes: true })
    expect(await status(userId)).toMatchObject({ totp: {}, recoveryCodesLeft: 0 })
    expect(await bench.opened.factors.isPending(bench.reader, userId)).toBe(false)
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
      bench.opened.factors.methods(bench.reader, { ...(await userRow(userId)), ...change })
    expect(await methods()).toEqual(['totp'])
    await newCodes(userId)
    expect(await methods()).toEqual(['totp', 'recovery_code'])
    expect(await methods({ totp_since: null, passkeys: 1 })).toEqual(['passkey', 'recovery_code'])
    expect(await methods({ totp_since: null })).toEqual([])
  })
})
