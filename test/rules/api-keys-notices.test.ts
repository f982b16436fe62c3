import { afterAll, beforeAll, expect, it } from 'vitest'
import { type KeyKit, keyKit } from './api-keys-kit.ts'
import { openSite, type Site } from './identity-kit.ts'

const team = 'security@example.com'

let site: Site
let kit: KeyKit
beforeAll(async () => {
  site = await openSite({ captcha: 'none', notices: { securityTeam: team } })
  kit = keyKit(site)
})
afterAll(() => site.close())

const mailsTo = async (address: string) => {
  await site.deliverMail()
  return site.mailbox.list(address)
}

it('whoever has a new API key is told by mail, without the key, and one of a program tells nobody', async () => {
  const owner = await kit.someone('told', ['user', 'manager'])
  const before = (await mailsTo('told@example.com')).length
  const { key } = await kit.make(owner)
  const mails = (await mailsTo('told@example.com')).slice(before)
  expect(mails.map(({ subject }) => subject)).toEqual([expect.stringContaining('API key')])
  expect(mails[0]?.text).toContain('/account/not-me?token=')
  expect(JSON.stringify(mails)).not.toContain(key.slice(-38, -6))
  const all = site.mailbox.list().length
  const program = await site.security.serviceAccounts.create({ name: 'quiet', roles: ['manager'] })
  const account = { kind: 'service_account', id: program.id } as const
  await site.security.apiKeys.create(account, { name: 'x', scopes: ['read:orders'] })
  await site.deliverMail()
  expect(site.mailbox.list()).toHaveLength(all)
})

it('rule 5: "this was not me" ends every API key of the account, for good', async () => {
  const owner = await kit.someone('robbed', ['user', 'manager'])
  const { id, key } = await kit.make(owner)
  expect((await kit.use(key)).status).toBe(200)
  await site.deliverMail()
  const token = site.mailbox.latestToken('robbed@example.com')
  const { status } = await site.post('/auth/report', { token })
  expect(status).toBe(200)
  expect((await kit.use(key)).json.code).toBe('api_key_invalid')
  await site.security.users.unlock(owner.id)
  expect((await kit.use(key)).json.code).toBe('api_key_invalid')
  expect(await site.security.apiKeys.get(id)).toMatchObject({ status: 'revoked' })
})

it('the security team hears of a decoy once, with which one it was and where the thief sat', async () => {
  const { apiKey, key } = await site.security.apiKeys.createDecoy('wiki page <b>')
  for (let shown = 0; shown < 3; shown++) {
    const headers = { 'x-api-key': key, 'x-forwarded-for': '198.51.100.7' }
    expect((await site.get('/api/orders', headers)).json.code).toBe('api_key_invalid')
  }
  const mails = await mailsTo(team)
  expect(mails).toHaveLength(1)
  expect(mails[0]?.text).toContain(apiKey.id)
  expect(mails[0]?.text).toContain('198.51.100.7')
  expect(mails[0]?.html).not.toContain('<b>')
  expect(JSON.stringify(mails)).not.toContain(key.slice(-38, -6))
})
