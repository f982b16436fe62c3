import { expect, it } from 'vitest'
import { BoundedLines, type LogFields, silentLogger } from './index.ts'

it('what strangers cause is at most thirty lines a minute, the last of which says so', () => {
  const lines: LogFields[] = []
  const logger = {
    ...silentLogger,
    info: (_: string, fields?: LogFields) => void lines.push(fields ?? {}),
  }
  let now = 0
  const bounded = new BoundedLines(logger, { now: () => now })
  for (let at = 0; at < 1_000; at++) bounded.info('refused', { at })
  expect(lines).toHaveLength(30)
  expect(lines[29]).toMatchObject({ at: 29, note: expect.stringContaining('further ones') })
  expect(lines[28]).toEqual({ at: 28 })
  now = 60_000
  bounded.info('refused', { at: 'later' })
  expect(lines.at(-1)).toEqual({ at: 'later' })
})
