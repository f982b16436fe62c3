import { afterAll, beforeAll, expect, it } from 'vitest'
import { PasswordHasher } from '../../src/crypto/index.ts'
import { goodPassword, type ServedApp, serveApp } from '../served-app.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'

const signIns = 200
/** Five sign-ins each: more at once of one account are held back like guesses. */
const people = 40
describeEngines('rule 43: a pool of 5 connections', (engine) => {
  let fresh: FreshDatabase
  let app: ServedApp
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    app = await serveApp({ database: { url: fresh.url, poolSize: 5 }, captcha: 'none' })
    hashCheaply(app)
    for (let n = 0; n < people; n++) await app.person(`person${n}@example.com`)
  }, 60_000)
  afterAll(async () => {
    await app?.stop()
    await fresh?.drop()
  })

  it('answers 200 sign-ins at once, and each makes its own session', async () => {
    const replies = await Promise.all(
      Array.from({ length: signIns }, (_, n) =>
        app.request('POST', '/auth/login', {
          body: {
            email: `person${n % people}@example.com`,
            password: goodPassword,
            transport: n % 2 === 0 ? 'body' : 'session',
          },
        }),
      ),
    )
    expect(replies.filter(({ status }) => status !== 200).map(({ text }) => text)).toEqual([])
    expect(new Set(replies.map(({ json }) => json.sessionId)).size).toBe(signIns)
  }, 90_000)
})

/** This is about connections: hashing costs as little as argon2id can. */
function hashCheaply({ security }: ServedApp): void {
  const { clock } = security.config
  const cheap = new PasswordHasher({
    ...{ clock, memoryKiB: 8, passes: 1, parallelism: 1, concurrency: 2, maxWaitMs: 60_000 },
  })
  const { hasher } = security.parts.ground
  hasher.hash = (text) => cheap.hash(text)
  hasher.verify = (stored, text) => cheap.verify(stored, text)
}
