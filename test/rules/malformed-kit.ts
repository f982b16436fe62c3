import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, type Sent, type Told } from '../fuzz/ask.ts'
import { goodPassword, openSite, type Site } from './identity-kit.ts'

/** A request, and the status, the code and the JSON pointers it is answered with. */
export type Row = readonly [
  what: string,
  sent: Sent,
  status: number,
  code: string,
  ...pointers: readonly string[],
]

export interface MalformedSite {
  /** Sends it as an administrator, so that nothing but its shape can be refused. */
  ask(sent: Sent): Promise<Told>
  /** The same as nobody. */
  askAsNobody(sent: Sent): Promise<Told>
  /** A suite with one rule for each row. */
  table(title: string, rows: readonly Row[]): void
}

/** One site for the file that calls this. */
export function malformedSite(): MalformedSite {
  let site: Site
  let admin: Readonly<Record<string, string>>
  beforeAll(async () => {
    site = await openSite()
    const { users } = site.security
    await users.create({ email: 'admin@example.com', password: goodPassword, roles: ['admin'] })
    const { json } = await site.login('admin@example.com', goodPassword)
    admin = { authorization: `Bearer ${json.accessToken}` }
  })
  afterAll(() => site.close())
  const askAdmin = (sent: Sent) =>
    ask(site.base, { ...sent, headers: { ...admin, ...sent.headers } })
  return {
    ask: askAdmin,
    askAsNobody: (sent) => ask(site.base, sent),
    table(title, rows) {
      describe(`rule 31: ${title}`, () => {
        for (const [what, sent, status, code, ...pointers] of rows) {
          it(what, async () => {
            const { problem, ...answer } = await askAdmin(sent)
            expect(answer.status).toBe(status)
            expect(problem).toMatchObject({ status, code })
            const errors: readonly { pointer: string }[] = problem.errors ?? []
            expect(errors.map(({ pointer }) => pointer)).toEqual(pointers)
          })
        }
      })
    },
  }
}
