import { expect, it } from 'vitest'
import { watchWork } from './enumeration-kit.ts'
import { goodPassword } from './identity-kit.ts'
import { openTenants } from './tenants-kit.ts'

it('rule 27: which organisations with accounts of their own there are, neither work nor a limit tells', async () => {
  const site = await openTenants({
    organisations: { from: 'header', tenancy: 'isolated' },
    captcha: { provider: 'none' },
    limits: { general: { points: 30, window: '15m' } },
  })
  await site.organisation('acme')
  await site.organisation('bank')
  const user = { email: 'eve@example.com', password: goodPassword }
  await site.security.users.create({ ...user, organisation: 'acme' })
  const { json } = await site.ask('/auth/login', {
    method: 'POST',
    body: { identifier: user.email, password: goodPassword, transport: 'body' },
    headers: { 'x-organisation': 'acme' },
  })
  const bearer = { authorization: `Bearer ${json.accessToken}` }
  const headersIn = (name: string) => ({ ...bearer, 'x-organisation': name })
  const me = (name: string) => site.ask('/auth/me', { headers: headersIn(name) })
  expect((await me('acme')).status).toBe(200)
  for (const name of ['bank', 'nothing']) {
    await site.ask('/who', { headers: { 'x-organisation': name } })
  }
  await site.security.parts.ground.jobs.stop()
  const watch = watchWork(site as never)
  const work = async (name: string) => {
    const asked = () => site.request('GET', '/auth/me', { headers: headersIn(name) })
    const { body, headers, ...rest } = await watch.during(asked as never)
    return rest
  }
  expect(await work('bank')).toEqual(await work('nothing'))
  watch.end()
  const login = { method: 'POST', headers: { 'x-organisation': 'soon' } }
  const body = { identifier: user.email, password: goodPassword, transport: 'body' }
  expect((await site.ask('/auth/login', { ...login, body })).status).toBe(401)
  await site.organisation('soon')
  await site.security.users.create({ ...user, organisation: 'soon' })
  expect((await site.ask('/auth/login', { ...login, body })).status).toBe(200)
  for (let asked = 0; asked < 40; asked++) await site.ask('/who')
  expect((await site.ask('/who')).status).toBe(429)
  const answers = [await me('bank'), await me('nothing'), await me('never-seen')]
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404])
  await site.close()
})
