import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type ServedApp, serveApp } from '../../test/served-app.ts'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { systemRandom, uuidv7 } from '../ports/index.ts'
import type { RefreshTokenRow, SessionRow } from './table.ts'

const hour = 3_600_000
const day = 24 * hour

describeEngines('the sweep of sessions', (engine) => {
  let fresh: FreshDatabase
  let app: ServedApp
  let userId: string

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    app = await serveApp({ database: fresh.url })
    await app.security.parts.ground.jobs.stop()
    userId = await app.person('ada@example.com')
  })
  afterAll(async () => {
    await app?.stop()
    await fresh?.drop()
  })
  beforeEach(() =>
    app.security.parts.ground.database.transaction(async (trx) => {
      await trx.deleteFrom('hf_sessions').execute()
      await trx.deleteFrom('hf_audit').execute()
    }),
  )

  const sweep = (signal?: AbortSignal) => app.security.parts.rooms.sessions.sweep(signal)
  const read = () => app.security.parts.ground.database.reader

  /** Sessions as they may stand there, `count` of one kind. */
  async function lay(count: number, kind: Partial<SessionRow>): Promise<SessionRow[]> {
    const now = app.clock.now()
    const rows = Array.from({ length: count }, () => ({
      id: uuidv7(now, systemRandom),
      user_id: userId,
      transport: 'body' as const,
      created_at: now,
      auth_time: now,
      last_activity_at: now,
      absolute_at: now + hour,
      ended_at: null,
      end_reason: null,
      ip: null,
      user_agent: null,
      device_hash: null,
      token_hash: null,
      factors: '["pwd"]',
      level: 1,
      secret_version: 0,
      ...kind,
    }))
    const tokens = rows.map((row) => tokenOf(row, now))
    await app.security.parts.ground.database.transaction(async (trx) => {
      await trx.insertInto('hf_sessions').values(rows).execute()
      await trx.insertInto('hf_refresh_tokens').values(tokens).execute()
    })
    return rows
  }

  const tokenOf = ({ id }: SessionRow, created_at: number): RefreshTokenRow => ({
    token_hash: `hash of ${id}`,
    session_id: id,
    parent_hash: null,
    created_at,
    used_at: null,
    client_hash: 'client',
  })
  const sessions = () => read().selectFrom('hf_sessions').selectAll().execute()
  const tokens = () => read().selectFrom('hf_refresh_tokens').selectAll().execute()

  it('rule 39: ends every session that ran out, each with its record and told to all nodes', async () => {
    const { audit, revocations } = app.security.parts.ground
    const heard: string[] = []
    revocations.subscribe({ revoked: ({ id }) => void heard.push(id), everything: () => {} })
    const expired = await lay(120, { absolute_at: app.clock.now() })
    const [living] = await lay(1, {})
    await sweep()
    const left = (await sessions()).filter(({ ended_at }) => ended_at === null)
    expect(left.map(({ id }) => id)).toEqual([living?.id])
    const ids = expired.map(({ id }) => id).sort()
    const records = await audit.find({ action: 'session.ended', limit: 200 })
    expect(records.map(({ resource_id }) => resource_id).sort()).toEqual(ids)
    expect(new Set(records.map(({ reason }) => reason))).toEqual(new Set(['absolute']))
    expect(heard.sort()).toEqual(ids)
  })

  it('rule 39: leaves a session as it was when its end cannot be recorded', async () => {
    const { audit } = app.security.parts.ground
    await lay(1, { absolute_at: app.clock.now() })
    const record = audit.record
    audit.record = () => Promise.reject(new Error('the record is full'))
    const swept = await sweep().catch((error: unknown) => error)
    audit.record = record
    expect(swept).toBeInstanceOf(Error)
    expect((await sessions()).map(({ ended_at }) => ended_at)).toEqual([null])
  })

  it('forgets all tokens of sessions that ended a day ago, and no other', async () => {
    const now = app.clock.now()
    await lay(450, { ended_at: now - day - 1, end_reason: 'logout' })
    const kept = [
      ...(await lay(20, { ended_at: now - day, end_reason: 'logout' })),
      ...(await lay(20, {})),
    ]
    await sweep()
    const left = (await tokens()).map(({ session_id }) => session_id)
    expect(left.sort()).toEqual(kept.map(({ id }) => id).sort())
    expect(await sessions()).toHaveLength(490)
  })

  it('keeps for 90 days when and why a session ended, and not longer', async () => {
    const now = app.clock.now()
    await lay(450, { ended_at: now - 90 * day - 1, end_reason: 'logout' })
    const [kept] = await lay(1, { ended_at: now - 90 * day, end_reason: 'logout' })
    await sweep()
    expect(await sessions()).toMatchObject([{ id: kept?.id, end_reason: 'logout' }])
  })

  it('begins no batch once it is told to stop', async () => {
    const now = app.clock.now()
    await lay(1, { absolute_at: now })
    await lay(1, { ended_at: now - 91 * day, end_reason: 'logout' })
    await sweep(AbortSignal.abort())
    expect((await sessions()).filter(({ ended_at }) => ended_at === null)).toHaveLength(1)
    expect(await sessions()).toHaveLength(2)
  })
})
