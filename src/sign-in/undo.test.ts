import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'
import { allOrNothing, isRefused } from './undo.ts'

let kit: TestSecurity
beforeAll(async () => {
  kit = await createTestSecurity()
})
afterAll(() => kit?.close())

it('a step that is refused leaves nothing behind, one that succeeds all of it', async () => {
  const { database } = kit.security.parts.ground
  const { id } = await kit.security.users.create({
    email: 'undo@example.com',
    password: 'correct horse battery staple 42',
  })
  const note = (at: number, refuse: boolean) =>
    allOrNothing(database, async (trx) => {
      await trx.updateTable('hf_users').set({ last_failure_at: at }).where('id', '=', id).execute()
      return refuse ? { refused: 'flow_invalid' as const } : { at }
    })
  const noted = async () => {
    const query = database.reader.selectFrom('hf_users').selectAll().where('id', '=', id)
    return (await query.executeTakeFirst())?.last_failure_at
  }
  const refused = await note(7, true)
  expect(isRefused(refused)).toBe(true)
  expect(refused).toEqual({ refused: 'flow_invalid' })
  expect(await noted()).toBeNull()
  expect(await note(8, false)).toEqual({ at: 8 })
  expect(await noted()).toBe(8)
})

it('what breaks is thrown on', async () => {
  const { database } = kit.security.parts.ground
  const broken = allOrNothing(database, () => Promise.reject(new Error('broken')))
  await expect(broken).rejects.toThrow('broken')
})
