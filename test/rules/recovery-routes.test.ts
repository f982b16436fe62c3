import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, type Site } from './identity-kit.ts'
import { as, newPassword, openRecoverySite, type RecoveryKit, recoveryKit } from './recovery-kit.ts'

let site: Site
let kit: RecoveryKit
beforeAll(async () => {
  site = await openRecoverySite()
  kit = recoveryKit(site)
})
afterAll(() => site.close())

describe('every route of recovery', () => {
  const routes = [
    '/auth/password/forgot',
    '/auth/password/reset',
    '/auth/password/change',
    '/auth/email/change',
    '/auth/email/confirm',
    '/auth/email/undo',
    '/auth/report',
    '/auth/account/close',
    '/auth/step-up',
  ]
  const privileged = ['userId', 'id', 'role', 'status', 'verified', 'sessionId', 'authTime', 'x']

  it.each(routes)(
    'rule 1: %s refuses fields it does not know, privileged ones above all',
    async (path) => {
      const who = await kit.someone(`fields${routes.indexOf(path)}`)
      const known = {
        email: 'someone@example.com',
        token: 'A'.repeat(43),
        password: newPassword,
        currentPassword: goodPassword,
      }
      const { json } = await site.post(path, known, as(who))
      const unknown = json.errors
        .filter(({ code }: { code: string }) => code === 'unknown_field')
        .map(({ pointer }: { pointer: string }) => pointer.replace('#/body/', ''))
      const body = Object.fromEntries(
        Object.entries(known).filter(([name]) => !unknown.includes(name)),
      )
      for (const name of privileged) {
        const answer = await site.post(path, { ...body, [name]: 'a' }, as(who))
        expect([answer.status, answer.json.code], name).toEqual([400, 'unknown_field'])
      }
      expect(await kit.isAlive(who)).toBe(true)
    },
  )

  it.each(routes)('%s answers a body of any other shape with 400', async (path) => {
    const who = await kit.someone(`shapes${routes.indexOf(path)}`)
    for (const body of [null, [], 'text', 7, { token: 7 }, { email: ['a@b.example'] }, {}]) {
      expect((await site.post(path, body, as(who))).status, JSON.stringify(body)).toBe(400)
    }
  })
})
