import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServedApp, serveApp } from '../../test/served-app.ts'
import type { Factor } from '../assurance/index.ts'

let app: ServedApp
let count = 0
beforeAll(async () => {
  app = await serveApp()
})
afterAll(() => app.stop())

async function someone() {
  const email = `proof${count++}@example.com`
  await app.person(email, ['manager'])
  return app.signIn(email)
}

async function prove(sessionId: string, factors: readonly Factor[]): Promise<boolean> {
  const { ground, rooms } = app.security.parts
  return ground.database.transaction(async (trx) => {
    await ground.revocations.announce(trx, { kind: 'session', id: sessionId })
    return rooms.sessions.noteProof(trx, sessionId, { factors })
  })
}

async function sessionOf(sessionId: string) {
  const found = await app.security.parts.rooms.verdicts.load({ sessionId })
  if (!found.ok) throw found.error()
  const { level } = found.auth
  return { level, factors: found.factors, verdict: found }
}

describe('a proof in a session that goes on', () => {
  it.each<[readonly Factor[], readonly Factor[], 1 | 2]>([
    [['otp'], ['pwd', 'otp'], 2],
    [['recovery'], ['pwd', 'recovery'], 2],
    [['key'], ['pwd', 'key'], 2],
    [['passkey'], ['pwd', 'passkey'], 2],
    [['pwd'], ['pwd'], 1],
  ])('of %j is added to the password: %j is level %i', async (proven, factors, level) => {
    const { sessionId } = await someone()
    expect(await prove(sessionId, proven)).toBe(true)
    expect(await sessionOf(sessionId)).toMatchObject({ factors, level })
  })

  it('of the same kind twice raises nothing', async () => {
    const { sessionId } = await someone()
    await prove(sessionId, ['otp'])
    await prove(sessionId, ['recovery'])
    await prove(sessionId, ['otp'])
    const { factors, level } = await sessionOf(sessionId)
    expect([factors, level]).toEqual([['pwd', 'otp', 'recovery'], 2])
  })

  it('that is two of a kind is no second one, though it goes by another name', async () => {
    const { sessionId } = await someone()
    const { database } = app.security.parts.ground
    await database.transaction((trx) =>
      trx
        .updateTable('hf_sessions')
        .set({ factors: '["otp"]' })
        .where('id', '=', sessionId)
        .execute(),
    )
    await prove(sessionId, ['recovery'])
    expect(await sessionOf(sessionId)).toMatchObject({ factors: ['otp', 'recovery'], level: 1 })
  })

  it('by the password alone is all that the session has proven from then on', async () => {
    const { sessionId } = await someone()
    await prove(sessionId, ['otp'])
    await prove(sessionId, ['pwd'])
    expect(await sessionOf(sessionId)).toMatchObject({ factors: ['pwd'], level: 1 })
  })

  it('by nothing is a mistake of ours', async () => {
    const { sessionId } = await someone()
    await expect(prove(sessionId, [])).rejects.toThrow('names a factor')
  })

  it('in one that has ended changes nothing', async () => {
    const { accessToken, sessionId } = await someone()
    await app.request('POST', '/auth/logout', { token: accessToken })
    expect(await prove(sessionId, ['otp'])).toBe(false)
  })

  it('counts for a token by the smaller level and the older proof of the two', async () => {
    const { sessionId } = await someone()
    await app.advance(60_000)
    await prove(sessionId, ['otp'])
    const { verdicts } = app.security.parts.rooms
    const { verdict } = await sessionOf(sessionId)
    const now = Math.floor(app.clock.now() / 1000)
    const as = (authTime: number, level: 1 | 2, secretVersion = 0) =>
      verdicts.authAsOf(verdict, { authTime, level, secretVersion })
    expect(as(now, 2)).toBe(verdict.auth)
    expect(as(now + 5, 2)).toBe(verdict.auth)
    expect(as(now - 60, 2)).toMatchObject({ authTime: (now - 60) * 1000, level: 2 })
    expect(as(now, 1)).toMatchObject({ authTime: verdict.auth.authTime, level: 1 })
    expect(as(now - 60, 1)).toMatchObject({ authTime: (now - 60) * 1000, level: 1 })
    expect(verdicts.expiresAt(as(now, 1))).toBe(verdicts.expiresAt(verdict.auth))
    const versionOf = (auth: typeof verdict.auth) => verdicts.secretVersionOf(auth)
    expect([as(now, 2), as(now, 1), as(now, 2, 1)].map(versionOf)).toEqual([0, 0, 1])
    expect(versionOf({ ...verdict.auth })).toBe(-1)
  })
})
