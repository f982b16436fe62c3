import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openFactors, type TestFactors } from '../../test/factors/open-factors.ts'
import type { FactorRace } from '../../test/processes/factor-node.ts'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { systemClock } from '../ports/index.ts'
import { codeOf, stepOf } from './totp.ts'

const program = fileURLToPath(new URL('../../test/processes/factor-node.ts', import.meta.url))
const masterKey = randomBytes(32).toString('base64url')
const rounds = 20

describeEngines('two processes that are given one code', (engine) => {
  let fresh: FreshDatabase
  let opened: TestFactors
  let nodes: readonly ChildProcess[] = []

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    opened = await openFactors(fresh.url, { masterKey, clock: systemClock })
    nodes = [1, 2].map(() => fork(program, [fresh.url, masterKey], { execArgv: [] }))
    await Promise.all(nodes.map((node) => once(node, 'message')))
  })
  afterAll(async () => {
    const ended = nodes.map((node) => once(node, 'exit'))
    for (const node of nodes) node.disconnect()
    await Promise.all(ended)
    await opened?.close()
    await fresh?.drop()
  })

  /** How many of a hundred submissions at once got through, fifty on each node. */
  const race = async (guess: Omit<FactorRace, 'count'>) => {
    const answers = nodes.map(async (node) => {
      const answer = once(node, 'message')
      node.send({ ...guess, count: 50 })
      const [{ won }] = await answer
      return Number(won)
    })
    return (await Promise.all(answers)).reduce((sum, won) => sum + won, 0)
  }

  it('rule 14: of 100 submissions of one step one gets through, round after round', async () => {
    const userId = await opened.addUser()
    for (let round = 0; round < rounds; round++) {
      const secret = randomBytes(20)
      const { database, factors } = opened
      await database.transaction((trx) => factors.adopt(trx, { userId, secret }))
      const code = codeOf(secret, stepOf(systemClock.now()))
      expect(await race({ userId, method: 'totp', code })).toBe(1)
    }
  }, 120_000)

  it('rule 3: of 100 submissions of one recovery code one gets through, round after round', async () => {
    const userId = await opened.addUser()
    const { database, factors } = opened
    for (let round = 0; round < rounds; round++) {
      const [code = ''] = await database.transaction((trx) => factors.newCodes(trx, userId))
      expect(await race({ userId, method: 'recovery_code', code })).toBe(1)
    }
  }, 120_000)
})
