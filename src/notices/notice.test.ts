import { expect, it } from 'vitest'
import { eventDefinitions } from '../composition/index.ts'
import type { EventInput } from '../events/index.ts'
import { noticeOf } from './notice.ts'

const userId = '019b0000-0000-7000-8000-000000000001'
const event = (name: string, payload: object) =>
  ({ name, payload, actor: { kind: 'anonymous' } }) as unknown as EventInput

it.each([
  ['password.reset', { userId }, 'notice-password'],
  ['password.changed', { userId }, 'notice-password'],
  ['user.password_set', { userId }, 'notice-password'],
  ['email.changed', { userId, previousEmail: 'old@example.com' }, 'notice-email'],
  ['api_key.created', { ownerKind: 'user', ownerId: userId }, 'notice-api-key'],
  ['sign_in.succeeded', { userId, newDevice: true, first: false }, 'notice-new-device'],
  ['sign_in.attacked', { userId }, 'notice-under-attack'],
  ['password.proof_attacked', { userId }, 'notice-proof-attacked'],
  ['sign_in.factor_attacked', { userId }, 'notice-factor-attacked'],
  ['factor.enabled', { userId, factor: 'totp' }, 'notice-totp-added'],
  ['factor.enabled', { userId, factor: 'passkey' }, 'notice-passkey-added'],
  ['factor.disabled', { userId, factor: 'totp' }, 'notice-totp-removed'],
  ['factor.disabled', { userId, factor: 'passkey' }, 'notice-passkey-removed'],
  ['factor.codes_renewed', { userId }, 'notice-codes-renewed'],
  ['factor.code_used', { userId, left: 3 }, 'notice-code-used'],
  ['factor.demanded', { userId, dueAt: 1 }, 'notice-factor-demanded'],
  ['factor.reset_requested', { userId }, 'notice-factors-reset-requested'],
  ['factor.reset', { userId }, 'notice-factors-reset'],
  ['passkey.cloned', { userId, passkeyId: userId }, 'notice-passkey-cloned'],
  ['device.trusted', { userId, deviceId: userId, until: 1 }, 'notice-device-trusted'],
])('%s %j calls for %s', (name, payload, template) => {
  expect(noticeOf(event(name, payload))).toMatchObject({ template, userId })
})

it.each([
  ['a known device', { newDevice: false, first: false }],
  ['the first sign-in of an account', { newDevice: true, first: true }],
])('a sign-in with %s is no news', (_, payload) => {
  expect(noticeOf(event('sign_in.succeeded', { userId, ...payload }))).toBeUndefined()
})

it('a replaced address is told where it was, with a link that puts it back', () => {
  const previousEmail = 'old@example.com'
  expect(noticeOf(event('email.changed', { userId, previousEmail }))).toMatchObject({
    to: previousEmail,
    purpose: 'undo_email',
  })
})

it('guesses at a name that nobody has call for a notice to nobody', () => {
  const notice = noticeOf(event('sign_in.attacked', {}))
  expect(notice).toMatchObject({ template: 'notice-under-attack', userId: undefined })
})

it('a used recovery code is told with how many are left', () => {
  expect(noticeOf(event('factor.code_used', { userId, left: 3 }))).toMatchObject({ left: 3 })
})

it('what a report takes away is told by the mail that answers it', () => {
  const removed = { ...event('factor.disabled', { userId, factor: 'totp' }) }
  expect(noticeOf({ ...removed, reason: 'reported_by_owner' })).toBeUndefined()
})

it.each([
  'factor.enabled',
  'factor.disabled',
  'factor.codes_renewed',
  'factor.code_used',
  'factor.reset',
  'passkey.cloned',
  'device.trusted',
])('the notice of %s says "this was not me", under the rule of second factors', (name) => {
  const payload = { userId, factor: 'totp', left: 1 }
  expect(noticeOf(event(name, payload))).toMatchObject({ rule: 'factors', purpose: 'report' })
})

it('nothing else that happens calls for one', () => {
  const previousEmail = 'old@example.com'
  const payload = {
    userId,
    previousEmail,
    newDevice: true,
    first: false,
    factor: 'totp',
    ownerKind: 'user',
  }
  const calling = Object.keys(eventDefinitions).filter((name) => noticeOf(event(name, payload)))
  expect(calling.sort()).toEqual([
    'api_key.created',
    'device.trusted',
    'email.changed',
    'factor.code_used',
    'factor.codes_renewed',
    'factor.demanded',
    'factor.disabled',
    'factor.enabled',
    'factor.reset',
    'factor.reset_requested',
    'passkey.cloned',
    'password.changed',
    'password.proof_attacked',
    'password.reset',
    'sign_in.attacked',
    'sign_in.factor_attacked',
    'sign_in.succeeded',
    'user.password_set',
  ])
})
