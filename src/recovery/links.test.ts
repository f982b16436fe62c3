import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeEngines, freshDatabase } from '../../test/services/fresh-database.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'
import { Links } from './links.ts'
import { findOpenLink } from './store.ts'
import type { LinkPurpose } from './table.ts'

const hourMs = 60 * 60_000

describeEngines('links', (engine) => {
  let kit: TestSecurity
  let links: Links
  let userId: string
  let drop = async () => {}
  const email = 'ada@example.com'
  beforeAll(async () => {
    const fresh = await freshDatabase(engine)
    drop = fresh.drop
    kit = await createTestSecurity({ database: fresh.url })
    const { config, parts, users } = kit.security
    links = new Links({ database: parts.ground.database, clock: kit.clock, random: config.random })
    const password = 'correct horse battery staple 42'
    userId = (await users.create({ email, password })).id
  })
  afterAll(async () => {
    await kit.close()
    await drop()
  })

  const within = <T>(
    work: Parameters<typeof kit.security.parts.ground.database.transaction<T>>[0],
  ) => kit.security.parts.ground.database.transaction(work)
  const issue = (purpose: LinkPurpose, more: { readonly userId?: undefined } = {}) =>
    within((trx) => links.issue(trx, { purpose, userId, email, lifeMs: hourMs, ...more }))

  it('works until its end and not at it', async () => {
    const token = await issue('reset')
    kit.clock.jump(hourMs - 1)
    expect(await links.find(token, ['reset'])).toMatchObject({ user_id: userId, email })
    kit.clock.jump(1)
    expect(await links.find(token, ['reset'])).toBeUndefined()
  })

  it('is spent once, by one of many', async () => {
    const link = await links.find(await issue('reset'), ['reset'])
    if (!link) throw new Error('a link that was just made is not found')
    const spent = await Promise.all(
      Array.from({ length: 10 }, () => within((trx) => links.consume(trx, link))),
    )
    expect(spent.filter(Boolean)).toHaveLength(1)
  })

  it('of nobody opens nothing', async () => {
    expect(await links.find(await issue('reset', { userId: undefined }), ['reset'])).toBeUndefined()
  })

  it('ends by purpose, and by when it was made', async () => {
    const before = await issue('undo_email')
    const other = await issue('report')
    kit.clock.jump(1)
    const since = kit.clock.now()
    const later = await issue('undo_email')
    await within((trx) => links.end(trx, userId, ['undo_email'], since))
    const found = async (token: string) =>
      (await links.find(token, ['undo_email', 'report'])) !== undefined
    expect([await found(before), await found(later), await found(other)]).toEqual([
      true,
      false,
      true,
    ])
    const open = await within((trx) =>
      links.findOpen(trx, { userId, purpose: 'undo_email', email }),
    )
    expect(open?.id).toBe((await links.find(before, ['undo_email']))?.id)
    const { reader } = kit.security.parts.ground.database
    const by = { purpose: 'undo_email', email: 'other@example.com', now: kit.clock.now() } as const
    expect(await findOpenLink(reader, userId, by)).toBeUndefined()
  })

  it('is forgotten a day after its end', async () => {
    await issue('report')
    const count = async () =>
      (
        await kit.security.parts.ground.database.reader
          .selectFrom('hf_links')
          .select('id')
          .execute()
      ).length
    kit.clock.jump(24 * hourMs)
    const before = await count()
    await links.sweep()
    const kept = await count()
    expect(kept).toBeLessThan(before)
    expect(kept).toBeGreaterThan(0)
    kit.clock.jump(hourMs + 1)
    await links.sweep()
    expect(await count()).toBe(0)
  })
})
