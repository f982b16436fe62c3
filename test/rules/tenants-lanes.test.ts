import { afterAll, beforeAll, expect, test } from 'vitest'
import { goodPassword } from './identity-kit.ts'
import { looks, openTenants, type TenantSite } from './tenants-kit.ts'

let site: TenantSite

beforeAll(async () => {
  site = await openTenants({
    organisations: { from: 'header', tenancy: 'isolated' },
    limits: { mailAddress: { points: 1 }, auth: { points: 4 } },
    captcha: { provider: 'none' },
  })
  for (const slug of ['acme', 'other']) {
    await site.organisation(slug)
    for (const email of ['mail@example.com', 'known@example.com']) {
      await site.security.users.create({ email, password: goodPassword, organisation: slug })
    }
  }
})
afterAll(() => site.close())

const post = (path: string, body: unknown, organisation: string) =>
  site.ask(path, { method: 'POST', body, headers: { 'x-organisation': organisation } })
const guess = (identifier: string, organisation: string, password = 'wrong') =>
  post('/auth/login', { identifier, password }, organisation)

test('rule 7: mails to one address are counted in each organisation', async () => {
  const email = 'mail@example.com'
  for (const organisation of ['acme', 'acme', 'other']) {
    expect((await post('/auth/password/forgot', { email }, organisation)).status).toBe(202)
  }
  await site.deliverMail()
  expect(site.mailbox.list(email)).toHaveLength(2)
})

test('rule 11: guesses of one client at one name are counted in each organisation', async () => {
  const email = 'known@example.com'
  for (let turn = 0; turn < 4; turn++) await guess(email, 'acme')
  expect((await guess(email, 'acme', goodPassword)).status).toBe(429)
  expect((await guess(email, 'other', goodPassword)).status).toBe(200)
})

test('rule 8: organisations that do not exist share nothing that tells them apart', async () => {
  const email = 'nobody@example.com'
  for (let turn = 0; turn < 4; turn++) await guess(email, 'none')
  expect((await guess(email, 'none')).status).toBe(429)
  expect(looks(await guess(email, 'neither'))).toEqual(looks(await guess(email, 'acme')))
})
