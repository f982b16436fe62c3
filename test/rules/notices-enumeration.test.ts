import { DatabaseSync, StatementSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, type Site } from './identity-kit.ts'
import { account, guess, notices } from './notices-kit.ts'

const warnAt = 10
let site: Site
beforeAll(async () => {
  site = await openSite({ captcha: 'none' })
})
afterAll(() => site?.close())

it('rule 8: the guess that warns an owner costs the same where nobody is to be warned', async () => {
  const known = 'ann@example.com'
  const unknown = 'nobody-has-this@example.com'
  await account(site, known)
  const work = new Map<string, readonly string[]>()
  for (const email of [known, unknown]) work.set(email, await tenthGuess(email))
  expect(work.get(known)?.join('\n')).toMatch(/hf_links[\s\S]*hf_outbox/)
  expect(work.get(unknown)).toEqual(work.get(known))
  expect(await notices(site, known)).toHaveLength(1)
  expect(rows('select kind, state from hf_outbox order by id')).toEqual([
    { kind: 'notice-under-attack', state: 'delivered' },
    { kind: 'notice-under-attack', state: 'suppressed' },
  ])
  expect(await notices(site, unknown)).toEqual([])
  expect(site.mailbox.list()).toHaveLength(1)
  const [link, standIn] = rows(
    'select user_id, expires_at > created_at as lives from hf_links order by id',
  )
  expect([link?.user_id === null, link?.lives]).toEqual([false, 1])
  expect([standIn?.user_id, standIn?.lives]).toEqual([null, 0])
})

/** The statements of the answer to the guess after which owners are warned. */
async function tenthGuess(email: string): Promise<readonly string[]> {
  for (let at = 1; at < warnAt; at++) {
    await site.advance(20 * 60_000)
    await guess(site, email, { password: `wrong ${at}`, address: `198.51.100.${at}` })
  }
  await site.advance(20 * 60_000)
  // What falls due with the time is done before we listen; the clock stands still then.
  await site.security.parts.ground.jobs.runDue()
  const heard = listen()
  try {
    await guess(site, email, { password: 'wrong', address: '198.51.100.99' })
    return [...heard.statements]
  } finally {
    heard.end()
  }
}

/** Hears every statement that SQLite runs. */
function listen() {
  const statements: string[] = []
  const { prototype } = StatementSync
  const methods = { all: prototype.all, run: prototype.run }
  for (const [name, method] of Object.entries(methods)) {
    const hear = function (this: StatementSync, ...values: unknown[]) {
      if (!this.sourceSQL.includes('hf_revocation')) statements.push(this.sourceSQL)
      return Reflect.apply(method, this, values)
    }
    Object.assign(prototype, { [name]: hear })
  }
  return { statements, end: () => void Object.assign(prototype, methods) }
}

function rows(sql: string) {
  const path = site.security.config.database.url?.reveal().replace('sqlite:', '') ?? ''
  const file = new DatabaseSync(path, { readOnly: true })
  try {
    return file
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }))
  } finally {
    file.close()
  }
}
