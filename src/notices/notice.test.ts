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
  ['sign_in.succeeded', { userId, newDevice: true, first: false }, 'notice-new-device'],
  ['sign_in.attacked', { userId }, 'notice-under-attack'],
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

it('nothing else that happens calls for one', () => {
  const payload = { userId, previousEmail: 'old@example.com', newDevice: true, first: false }
  const calling = Object.keys(eventDefinitions).filter((name) => noticeOf(event(name, payload)))
  expect(calling.sort()).toEqual([
    'email.changed',
    'password.changed',
    'password.reset',
    'sign_in.attacked',
    'sign_in.succeeded',
    'user.password_set',
  ])
})
