import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, type Sent } from '../fuzz/ask.ts'
import { goodPassword, openSite, type Site } from './identity-kit.ts'

/** As much as a body may hold by default. */
const most = 102_400
/** As much as the head of a request may hold in Node, less the rest of the head. */
const mostOfHead = 15_000

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

/** `unit` again and again, between `before` and `after`, to the last byte that fits. */
function fill(unit: string, before = '', after = '', size = most): string {
  const room = size - Buffer.byteLength(before + after)
  return before + unit.repeat(Math.floor(room / Buffer.byteLength(unit))) + after
}

const distinct = (unit: (at: number) => string) => {
  let text = ''
  for (let at = 0; text.length < most - 100; at += 1) text += unit(at)
  return `{${text.slice(0, -1)}}`
}

const json: readonly string[] = [
  ...[fill('['), fill('{"a":'), fill('[', '', 'x'), fill('[]', '[', ']'), fill('[],', '[', '0]')],
  ...[fill('"'), fill('\\'), fill('\\\\', '"', '"'), fill('\\"', '"'), fill('\\u0041', '"', '"')],
  ...[fill('\\ud83d\\ude00', '"', '"'), fill('\\ud800', '"', '"'), fill('\\u', '"'), fill('"a"')],
  ...[fill('9'), fill('9', '-', 'e9'), fill('1e', '['), fill('0.', ''), fill('-'), fill('1 ')],
  ...[fill(' '), fill(' ', '{', '}'), fill('\n'), fill(','), fill(':'), fill('{}'), fill('}')],
  ...[fill('"a":1,', '{'), fill('"a":{"a":1},', '{'), fill('"__proto__":1,', '{'), fill('é')],
  distinct((at) => `"k${at}":0,`),
  distinct((at) => `"${'a'.repeat(9)}${at}":0,`),
  distinct((at) => `"\\u00${(at % 96) + 32}${at}":0,`),
  fill('{"a":0,"b":1},', '{"metadata":{"x":[', '0]}}'),
  fill('[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]]]]]]]]]]]]]]],', '[', '0]'),
]

const forms: readonly string[] = [
  ...[fill('&'), fill('='), fill('%'), fill('%4'), fill('%41'), fill('+'), fill('a&'), fill('a=&')],
  ...[fill('%25'), fill('%e2%82'), fill('%f0%9f%98%80'), fill('a', 'identifier='), fill('é')],
  ...[fill('a[', '', '=1'), fill('a.b.', '', '=1'), fill('identifier=a&'), fill('%26a%3d')],
]

/** Values of single fields as long as their schema lets them be, made for whoever backtracks. */
const fields: readonly Readonly<Record<string, string>>[] = [
  ...['.', '@', 'a@', 'a.', '"', '\\', '(', '<', 'é', '\u{1f600}', '\u0301', '\u2f800', ' ', '-'],
  ...['a@b.', 'xn--', '%', ',', ';', '\u200d', 'ﷺ'],
]
  .flatMap((unit) => [
    fill(unit, '', '', 300),
    fill(unit, 'a@', '.com', 300),
    fill(unit, '"', '"@b', 300),
  ])
  .map((email) => ({ email }))

const usernames = ['.', '-', '_', 'a.', 'a-', 'é', 'ﬃ', '\u0301'].map((unit) => ({
  ...{ email: 'a@example.com', username: fill(unit, '', '', 60) },
}))

async function refuses(sent: Sent): Promise<void> {
  const { problem, status } = await ask(site.base, sent)
  expect(status).toBeGreaterThanOrEqual(400)
  expect(status).toBeLessThan(500)
  if (problem) expect(problem.code).toMatch(/^[a-z_]+$/)
}

afterAll(async () => {
  expect((await ask(site.base, { method: 'GET', path: '/healthz' })).status).toBe(200)
})

describe('rule 30: the worst of its kind is a plain 4xx', () => {
  it.each(json.map((body) => [body.slice(0, 24), body]))('JSON %j', async (_, body) => {
    await refuses({ path: '/auth/register', body })
  })

  it.each(forms.map((body) => [body.slice(0, 24), body]))('form %j', async (_, body) => {
    const type = 'application/x-www-form-urlencoded'
    await refuses({ path: '/account/sign-in', type, body })
    const path = `/auth/me?${body.slice(0, 8_000).replace(/[^\x21-\x7e]/g, '')}`
    await refuses({ method: 'GET', path })
  })

  it('e-mail addresses of 300 characters', async () => {
    for (const field of fields) {
      const body = JSON.stringify(field)
      const { status } = await ask(site.base, { path: '/auth/verify-email/resend', body })
      expect([202, 400]).toContain(status)
    }
  })

  it('usernames', async () => {
    for (const field of usernames) {
      const body = JSON.stringify({ ...field, password: goodPassword })
      await refuses({ path: '/auth/register', body })
    }
  })

  it.each([
    ...['a', 'ab', 'password', '12345', 'é', '\u{1f600}', '\u0301', 'qwertyuiop', 'aA@1', '2024'],
  ])('a password of 4,096 characters of %j is weighed or refused', async (unit) => {
    const password = unit.repeat(4_096).slice(0, 4_096).toWellFormed()
    const body = JSON.stringify({ email: 'long@example.com', password })
    const { status } = await ask(site.base, { path: '/auth/register', body })
    expect([202, 400]).toContain(status)
  })

  it('links, tokens and codes of any length and shape', async () => {
    for (const unit of ['a', 'A.', '-', '.', '=', '\u{1f600}']) {
      const token = fill(unit, '', '', 9_000)
      await refuses({ path: '/auth/verify-email', body: JSON.stringify({ token }) })
      await refuses({ path: '/auth/refresh', body: JSON.stringify({ refreshToken: token }) })
    }
  })

  it.each([';', ',', ' ', '=', 'a=', 'a=b;', '"', '/', '.', 'a/', ';a=', '1.1.1.1,', '::,', 'é'])(
    'headers of %j',
    async (unit) => {
      const value = fill(unit, '', '', mostOfHead)
      const headers = ['content-type', 'content-encoding', 'cookie', 'origin', 'sec-fetch-site']
      for (const name of [...headers, 'x-forwarded-for', 'authorization', 'accept', 'user-agent']) {
        const sent = { path: '/auth/login', type: '', headers: { [name]: value }, body: '{}' }
        await refuses(sent)
      }
      const bearer = { authorization: `Bearer ${value}` }
      await refuses({ method: 'GET', path: '/auth/me', headers: bearer })
      const cookie = { cookie: `__Host-hf_session=${value}` }
      await refuses({ method: 'GET', path: '/auth/me', headers: cookie })
    },
  )

  it.each(['/', '.', '%', '%2e', '%2f', '..%2f', '%25', ';', 'a/', './', '../', '\\', '%c0%af'])(
    'paths of %j',
    async (unit) => {
      for (const before of ['/', '/auth/', '/auth/sessions/', '/admin/users/', '/account/']) {
        const { status } = await ask(site.base, {
          ...{ method: 'GET', path: fill(unit, before, '', 8_000) },
        })
        expect(status).toBeGreaterThanOrEqual(400)
        expect(status).toBeLessThan(500)
      }
    },
  )
})
