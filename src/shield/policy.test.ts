import { expect, it } from 'vitest'
import { type Auth, type Exchange, newExchangeState } from '../http/index.ts'
import { enforceStepUp } from './policy.ts'

const now = Date.UTC(2026, 0, 15)
const minuteMs = 60_000
const rule = { now, withinMs: 15 * minuteMs }

function exchangeOf(authTime: number | undefined): Exchange {
  const state = newExchangeState()
  if (authTime !== undefined) state.auth = { authTime } as Auth
  return { state } as Exchange
}

it.each([
  ['just now', now, undefined],
  ['at the end of its time', now - 15 * minuteMs, undefined],
  ['a moment too long ago', now - 15 * minuteMs - 1, 'step_up_required'],
  ['by a node whose clock is a little ahead', now + minuteMs, undefined],
  ['in the future, by a clock that was set back', now + minuteMs + 1, 'step_up_required'],
  ['at no time at all', Number.NaN, 'step_up_required'],
  ['by nobody', undefined, 'authentication_required'],
])('a proof given %s', (_, authTime, code) => {
  const enforce = () => enforceStepUp(exchangeOf(authTime), rule)
  if (code === undefined) expect(enforce).not.toThrow()
  else expect(enforce).toThrow(expect.objectContaining({ code, status: 401 }))
})
