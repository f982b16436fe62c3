import type { CodeMethod } from '../../src/factors/index.ts'
import { systemClock } from '../../src/ports/index.ts'
import { openFactors } from '../factors/open-factors.ts'

/** A race that a node is told to take part in. */
export interface FactorRace {
  readonly userId: string
  readonly method: CodeMethod
  readonly code: string
  /** Submissions at once. */
  readonly count: number
}

/**
 * One node of a cluster, as a process of its own, that spends codes of second factors. Arguments:
 * database URL, master key. It says how many of the submissions of each race got through.
 */
const [url = '', masterKey = ''] = process.argv.slice(2)
const { database, factors } = await openFactors(url, { masterKey, clock: systemClock })

process.on('message', async ({ count, ...guess }: FactorRace) => {
  const turns = Array.from({ length: count }, () =>
    database.transaction((trx) => factors.spend(trx, guess)),
  )
  const won = (await Promise.all(turns)).filter((factor) => factor !== undefined)
  process.send?.({ won: won.length })
})
process.once('disconnect', () => process.exit())
process.send?.({ ready: true })
