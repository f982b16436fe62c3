import { expect, it } from 'vitest'
import { minute, openFactorBench } from '../../test/factors/factor-bench.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'

describeEngines('successes between guesses at codes of an app', (engine) => {
  const bench = openFactorBench(engine)
  const { clock, codeAt, enrolled, inTrx } = bench

  const tryOnce = async (
    userId: string,
    codeNow: () => string,
    { client, device }: { readonly client: string; readonly device?: string | undefined },
  ): Promise<boolean> => {
    await clock.advance(16 * minute)
    const code = codeNow()
    const { factors } = bench.opened
    const of = { clientKey: client, deviceHash: device, userId, method: 'totp' } as const
    const guess = await factors.reserve(of)
    if (!guess) return false
    await inTrx(async (trx) => {
      if (await factors.spend(trx, { userId, method: 'totp', code })) {
        await factors.succeed(trx, guess)
      } else {
        await factors.fail(trx, guess)
      }
    })
    return true
  }

  it.each([
    ['new browsers', () => undefined],
    ['a known device', () => 'own'],
    ['either in turn', (turn: number) => (turn % 2 === 0 ? 'own' : undefined)],
  ])(
    'rule 13: of an owner who comes by %s give a stranger no more than a hundred',
    async (_, deviceOf) => {
      const { secret, userId } = await enrolled()
      let looked = 0
      for (let turn = 0; turn < 40; turn++) {
        for (let guess = 0; guess < 4; guess++) {
          if (await tryOnce(userId, () => 'not a code', { client: '198.51.100.9' })) looked += 1
        }
        const owner = { client: `192.0.2.${turn}`, device: deviceOf(turn) }
        await tryOnce(userId, () => codeAt(secret), owner)
      }
      expect(looked).toBe(100)
    },
  )
})
