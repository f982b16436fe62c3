import { expect, it } from 'vitest'
import { fieldName } from './field-name.ts'

it.each([
  ['query.q', 'query.q'],
  ['query name', 'query name'],
  ['body.items.0.firstName', 'body.items.:index.firstName'],
  ['header.user-agent', 'header.user-agent'],
  ['header.x-forwarded-for', 'header.x-forwarded-for'],
  ['body.shipping_address.zip', 'body.shipping_address.zip'],
])('names made of words of programmers are told: %s', (field, shown) => {
  expect(fieldName(field)).toBe(shown)
})

it.each([
  ['query.JohnSmith', 'query.:name'],
  ['query.john-smith', 'query.:name'],
  ['body.hunter', 'body.:name'],
  ['query.a4111111111111111', 'query.:name'],
  ['body.4111111111111111', 'body.:name'],
  ['body.x\nlevel', 'body.:name'],
  ['cookie.(unusual name)', 'cookie.:name'],
  ['johnsmith', ':name'],
  ['', ':name'],
])('what a sender made up is not: %j', (field, shown) => {
  expect(fieldName(field)).toBe(shown)
})

it('a name that the app wrote down is told as it is', () => {
  expect(fieldName('body.wonky', new Set(['body.wonky']))).toBe('body.wonky')
  expect(fieldName('body.wonky-too', new Set(['body.wonky']))).toBe('body.:name')
})
