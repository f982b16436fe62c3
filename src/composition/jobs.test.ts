import { expect, it } from 'vitest'
import { createTestSecurity } from '../testing/index.ts'

it('a sweep is told when the process stops', async () => {
  const { close, security } = await createTestSecurity()
  const { ground, rooms } = security.parts
  const given: unknown[] = []
  const sweep = async (signal?: AbortSignal) => void given.push(signal)
  rooms.sessions.sweep = sweep
  ground.revocations.sweep = sweep
  ground.sqlLimits.sweepAll = sweep
  ground.spentChallenges.sweep = sweep
  const names = ['sessions.sweep', 'revocations.sweep', 'limits.sweep', 'captcha.sweep']
  for (const name of names) ground.jobs.wake(name)
  await ground.jobs.runDue()
  await close()
  expect(given.length).toBeGreaterThanOrEqual(4)
  for (const signal of given) expect(signal).toBeInstanceOf(AbortSignal)
})
