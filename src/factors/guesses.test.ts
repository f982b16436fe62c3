import { expect, it } from 'vitest'
import { minute, openFactorBench } from '../../test/factors/factor-bench.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'
import type { CodeMethod } from './parts.ts'

const wrong = { totp: 'not a code', recovery_code: '00000-00000' } as const

describeEngines('guesses at second factors', (engine) => {
  const bench = openFactorBench(engine)
  const { begin, clock, codeAt, confirm, enrolled, inTrx, newCodes } = bench

  /** Where a try comes from: a network, or a known device there. */
  interface Place {
    readonly client?: string
    readonly device?: string | undefined
    readonly inSession?: boolean
  }
  const from = ({ client = '192.0.2.1', device, inSession = false }: Place = {}) => {
    return { clientKey: client, deviceHash: device, inSession }
  }

  const tryOnce = async (
    userId: string,
    method: CodeMethod,
    { code = wrong[method], ...place }: Place & { readonly code?: string } = {},
  ) => {
    const guess = await bench.opened.factors.reserve({ ...from(place), userId, method })
    if (!guess) return 'refused'
    return inTrx(async (trx) => {
      if (await bench.opened.factors.spend(trx, { userId, method, code })) {
        await bench.opened.factors.succeed(trx, guess)
        return 'right'
      }
      return (await bench.opened.factors.fail(trx, guess)) ? 'attacked' : 'wrong'
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

  it('rule 13: the owner’s successes between them refill nobody else’s: a hundred are looked at', async () => {
    const { secret, userId } = await enrolled()
    let looked = 0
    for (let day = 0; day < 20; day++) {
      for (let turn = 0; turn < 9; turn++) {
        const word = await tryOnce(userId, 'totp', { client: '198.51.100.9' })
        if (word !== 'refused') looked += 1
        await clock.advance(16 * minute)
      }
      const word = await tryOnce(userId, 'totp', { code: codeAt(secret) })
      expect(word).toBe(looked < 100 ? 'right' : 'refused')
      await clock.advance(16 * minute)
    }
    expect(looked).toBe(100)
  })

  it('rule 13: a success gives back what its own client got wrong, and its own guess', async () => {
    const { secret, userId } = await enrolled()
    for (let turn = 0; turn < 130; turn++) {
      await clock.advance(16 * minute)
      const code = turn % 2 === 0 ? wrong.totp : codeAt(secret)
      const word = await tryOnce(userId, 'totp', { code })
      expect(word).toBe(turn % 2 === 0 ? 'wrong' : 'right')
    }
  })

  it('rule 14: the owner’s successes take back no alarm about others, and all about herself', async () => {
    const { secret, userId } = await enrolled()
    const wrongOnes = async (places: readonly Place[]) => {
      const words: string[] = []
      for (const place of places) {
        words.push(await tryOnce(userId, 'totp', place))
        await clock.advance(16 * minute)
      }
      return words
    }
    const own: readonly Place[] = [{}, { device: 'own' }, {}, {}, { device: 'own' }, {}]
    for (let day = 0; day < 10; day++) {
      expect(await wrongOnes(own)).not.toContain('attacked')
      const device = day % 2 === 0 ? 'own' : undefined
      expect(await tryOnce(userId, 'totp', { device, code: codeAt(secret) })).toBe('right')
      await clock.advance(16 * minute)
    }
    const theirs = Array.from({ length: 9 }, () => ({ client: '198.51.100.9' }))
    expect(await wrongOnes(theirs)).not.toContain('attacked')
    expect(await tryOnce(userId, 'totp', { code: codeAt(secret) })).toBe('right')
    expect(await wrongOnes(theirs.slice(0, 1))).toEqual(['attacked'])
  })

  it('rule 14: a passkey that signs rightly takes back no alarm about others', async () => {
    const { userId } = await enrolled()
    const passkey = async (client: string, isRight: boolean) => {
      const of = { ...from({ client }), userId, method: 'passkey' } as const
      const guess = await bench.opened.factors.reserve(of)
      if (!guess) throw new Error('refused')
      return inTrx(async (trx) => {
        if (isRight) return void (await bench.opened.factors.succeed(trx, guess))
        return bench.opened.factors.fail(trx, guess)
      })
    }
    for (let turn = 0; turn < 9; turn++) expect(await passkey('198.51.100.9', false)).toBe(false)
    await passkey('192.0.2.1', true)
    expect(await passkey('198.51.100.9', false)).toBe(true)
  })

  it('rule 11: a session has 20 wrong codes of an app in a row, and neither it nor they close another way', async () => {
    const { secret, userId } = await enrolled()
    const [code = ''] = await newCodes(userId)
    const session = { client: 'session:stolen', device: 'own', inSession: true }
    expect(await exhaust(userId, session)).toHaveLength(20)
    expect(await exhaust(userId, { ...session, device: undefined })).toHaveLength(0)
    for (let turn = 0; turn < 30; turn++) {
      await tryOnce(userId, 'recovery_code', session)
    }
    expect(await tryOnce(userId, 'recovery_code', { ...session, code })).toBe('refused')
    expect(await tryOnce(userId, 'recovery_code', { device: 'own', code })).toBe('right')
    expect(await tryOnce(userId, 'totp', { device: 'own', code: codeAt(secret) })).toBe('right')
    expect(await tryOnce(userId, 'totp', { ...session, code: codeAt(secret) })).toBe('refused')
  })

  it('rule 13: a passkey in a session is held back after five, at sign-in never', async () => {
    const { userId } = await enrolled()
    const looked = async (place: Place) => {
      let count = 0
      for (let turn = 0; turn < 30; turn++) {
        const guess = await bench.opened.factors.reserve({
          ...from(place),
          userId,
          method: 'passkey',
        })
        if (!guess) continue
        count += 1
        await inTrx((trx) => bench.opened.factors.fail(trx, guess))
      }
      return count
    }
    expect(await looked({ client: 'session:stolen', inSession: true })).toBe(5)
    expect(await looked({})).toBe(30)
  })

  it('rule 11: what known devices got wrong together ends with the devices', async () => {
    const { userId } = await enrolled()
    for (const device of ['a', 'b', 'c', 'd', 'e']) await exhaust(userId, { device })
    await exhaust(userId)
    expect(await tryOnce(userId, 'totp', { device: 'f' })).toBe('refused')
    await inTrx((trx) => bench.opened.throttle.openDevices(trx, userId))
    expect(await tryOnce(userId, 'totp', { device: 'f' })).toBe('wrong')
    expect(await tryOnce(userId, 'totp')).toBe('refused')
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
    await inTrx((trx) => bench.opened.throttle.clear(trx, userId))
    expect(await tryOnce(userId, 'totp')).toBe('refused')
    const next = await begin(userId)
    expect(await confirm(userId, codeAt(next))).toBe(true)
    expect(await tryOnce(userId, 'totp')).toBe('wrong')
    await exhaust(userId)
    await inTrx((trx) => bench.opened.factors.openLanes(trx, userId))
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
      const guess = await bench.opened.factors.reserve({
        ...from(),
        userId,
        method: 'recovery_code',
      })
      if (!guess) throw new Error('refused')
      await inTrx((trx) => bench.opened.factors.release(trx, guess))
    }
  })

  it('rule 11: no number of tries holds a passkey back', async () => {
    const { userId } = await enrolled()
    const told: boolean[] = []
    for (let turn = 0; turn < 130; turn++) {
      const guess = await bench.opened.factors.reserve({ ...from(), userId, method: 'passkey' })
      if (!guess) throw new Error('refused')
      told.push(await inTrx((trx) => bench.opened.factors.fail(trx, guess)))
    }
    expect(told.filter(Boolean)).toHaveLength(1)
    expect(await tryOnce(userId, 'totp')).toBe('wrong')
  })
})
