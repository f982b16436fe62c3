import { expect, it } from 'vitest'
import { goodPassword, openSite } from './identity-kit.ts'

it('a sign-in that may end older sessions announces before it takes the row of the account', async () => {
  const site = await openSite({ captcha: { provider: 'none' }, sessions: { maxPerUser: 1 } })
  try {
    const email = 'ada@example.com'
    const { id } = await site.security.users.create({ email, password: goodPassword })
    const { revocations, throttle } = site.security.parts.ground
    const steps: string[] = []
    const announce = revocations.announce.bind(revocations)
    revocations.announce = (trx, revocation) => {
      steps.push(`announce ${revocation.kind}`)
      return announce(trx, revocation)
    }
    // The row of the account was taken before; see `SignIn`.
    const succeed = throttle.succeed.bind(throttle)
    throttle.succeed = (trx, guess) => {
      steps.push('row taken')
      return succeed(trx, guess)
    }
    const first = await site.login(email, goodPassword)
    expect(steps).toEqual(['announce user', 'row taken'])
    await site.login(email, goodPassword)
    expect(steps.slice(2)).toEqual(['announce user', 'row taken', 'announce session'])
    const bearer = { authorization: `Bearer ${first.json.accessToken}` }
    expect((await site.get('/auth/me', bearer)).json.code).toBe('session_revoked')
    expect(await site.security.parts.rooms.sessions.list(id)).toHaveLength(1)
  } finally {
    await site.close()
  }
})
