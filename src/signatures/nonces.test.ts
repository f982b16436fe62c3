import { afterAll, beforeAll, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { migrations } from '../composition/migrations.ts'
import { type Database, Migrator, openDatabase } from '../database/index.ts'
import { silentLogger } from '../ports/index.ts'
import { SignatureNonces } from './nonces.ts'
import {
  deleteRetiredEncryptionKeys,
  deleteSignatureNonces,
  findClientKey,
  findEncryptionKeys,
  insertEncryptionKey,
  insertSignatureNonce,
  retireEncryptionKeys,
} from './store.ts'

const minute = 60_000

describeEngines('nonces of signatures', (engine) => {
  const clock = new ManualClock()
  let fresh: FreshDatabase
  let nodes: Database[] = []

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const open = () => openDatabase({ url: fresh.url, clock, logger: silentLogger, waitMs: 25_000 })
    const first = await open()
    await new Migrator(first, migrations).up()
    nodes = [first, await open()]
  }, 60_000)
  afterAll(async () => {
    for (const node of nodes) await node.close()
    await fresh?.drop()
  })

  const at = (node: 0 | 1) => new SignatureNonces({ clock, database: nodes[node] as Database })
  const used = (nonce: string, keyId = 'k') => ({
    ...{ keyId, nonce },
    expiresAt: clock.now() + 5 * minute,
  })

  it('a nonce counts once, also on another node', async () => {
    expect(await at(0).spend(used('one'))).toBe(true)
    expect(await at(0).spend(used('one'))).toBe(false)
    expect(await at(1).spend(used('one'))).toBe(false)
    expect(await at(1).spend(used('one', 'other'))).toBe(true)
  })

  it('of 100 callers on two nodes one spends it', async () => {
    const race = Array.from({ length: 100 }, (_, n) => at(n % 2 === 0 ? 0 : 1).spend(used('race')))
    expect((await Promise.all(race)).filter(Boolean)).toHaveLength(1)
  })

  it('a sweep forgets what no clock takes any more, and nothing else', async () => {
    await at(0).spend(used('old'))
    await clock.advance(15 * minute)
    await at(0).sweep()
    expect(await at(0).spend(used('old'))).toBe(false)
    await clock.advance(1)
    await at(0).sweep()
    expect(await at(0).spend(used('old'))).toBe(true)
  })

  it('store functions keep their word', async () => {
    const [database] = nodes as [Database]
    const key = (id: string, created: number) => ({
      ...{ id, curve: 'P-256', public_jwk: '{}', sealed_private: 'x' },
      ...{ created_at: created, retire_at: null },
    })
    await database.transaction(async (trx) => {
      await trx.deleteFrom('hf_signature_nonces').execute()
      expect(await insertSignatureNonce(trx, { id: 'a', expires_at: 1 })).toBe(true)
      expect(await insertSignatureNonce(trx, { id: 'b', expires_at: 2 })).toBe(true)
      expect(await deleteSignatureNonces(trx, 5, 1)).toBe(1)
      expect(await deleteSignatureNonces(trx, 2, 5)).toBe(0)
      expect(await deleteSignatureNonces(trx, 5, 5)).toBe(1)
      expect(await insertEncryptionKey(trx, key('one', 1))).toBe(true)
      expect(await insertEncryptionKey(trx, key('two', 2))).toBe(true)
      expect(await retireEncryptionKeys(trx, 2, 9)).toBe(1)
      expect((await findEncryptionKeys(trx, 8)).map(({ id }) => id)).toEqual(['one', 'two'])
      expect((await findEncryptionKeys(trx, 9)).map(({ id }) => id)).toEqual(['two'])
      expect(await deleteRetiredEncryptionKeys(trx, 8)).toBe(0)
      expect(await deleteRetiredEncryptionKeys(trx, 9)).toBe(1)
      expect(await findClientKey(trx, 'nobody')).toBeUndefined()
    })
  })
})
