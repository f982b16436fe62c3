import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Database, json } from '../../src/database/index.ts'
import { createTestSecurity, type TestSecurity } from '../../src/testing/index.ts'
import {
  activateUser,
  changeStatus,
  defaultRealm,
  findUsers,
  insertUser,
  type UserRow,
} from '../../src/users/index.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { fitting, legalTexts, naughtyTexts } from './legal-text-kit.ts'

it('rule 29: of the 515 naughty strings almost all are legal', () => {
  expect(naughtyTexts.length).toBe(515)
  expect(legalTexts.length).toBeGreaterThan(540)
})

describeEngines('rule 29: legal text in the table of accounts', (engine) => {
  let fresh: FreshDatabase
  let kit: TestSecurity
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    kit = await createTestSecurity({ database: fresh.url })
  })
  afterAll(async () => {
    await kit?.close()
    await fresh?.drop()
  })

  it('is the same, byte for byte, after five saves', { timeout: 120_000 }, async () => {
    const { database } = kit.security.parts.ground
    await database.transaction(async (trx) => {
      for (const [at, text] of legalTexts.entries()) await insertUser(trx, rowOf(at, text))
    })
    for (let save = 2; save <= 5; save += 1) await saveAll(database)
    const rows = new Map((await readAll(database)).map((row) => [row.id, row]))
    for (const [at, text] of legalTexts.entries()) {
      expect(rows.get(idOf(at))).toEqual(rowOf(at, text))
      expect(json.decode(rows.get(idOf(at))?.metadata ?? '')).toEqual(metadataOf(text))
    }
  })
})

const readAll = (database: Database) => findUsers(database.reader, { limit: 1_000 })

/** Writes back what was read, through every statement that holds text. */
async function saveAll(database: Database): Promise<void> {
  const rows = await readAll(database)
  await database.transaction(async (trx) => {
    for (const row of rows) {
      const metadata = json.encode(json.decode(row.metadata))
      await activateUser(trx, row.id, { ...textsOf(row), metadata, verified_at: 1 })
      const back = { from: ['active'], to: 'pending', reason: row.status_reason } as const
      await changeStatus(trx, row.id, back)
    }
  })
}

function textsOf({ company_name, display_name, email, username, username_canonical }: UserRow) {
  return { company_name, display_name, email, username, username_canonical }
}

const idOf = (at: number) => `01980000-0000-7000-8000-${String(at).padStart(12, '0')}`

/** The text as a key, as a value, and inside both. */
const metadataOf = (text: string) => ({ [`key ${text}`]: [text, { [text]: text }] })

function rowOf(at: number, text: string): UserRow {
  return {
    id: idOf(at),
    realm: defaultRealm,
    email: `n${at}@example.com`,
    email_canonical: `n${at}@example.com`,
    username: null,
    username_canonical: null,
    display_name: fitting(text, 100) ?? null,
    company_name: fitting(text, 200) ?? null,
    status: 'pending',
    status_reason: fitting(text, 500) ?? null,
    locked_until: null,
    metadata: json.encode(metadataOf(text)),
    created_at: at,
    created_by: null,
    verified_at: 1,
    last_sign_in_at: null,
    last_sign_in_ip: null,
    last_failure_at: null,
    credentials_version: 0,
    erase_at: null,
    totp_since: null,
    passkeys: 0,
    mfa_due_at: null,
  }
}
