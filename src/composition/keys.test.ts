import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestSecurity, TestClock, type TestSecurity } from '../testing/index.ts'

const minute = 60_000
const masterKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
let folder = ''
let nodes: TestSecurity[] = []
let clock = new TestClock()

/** Two nodes of one service: one file, one clock. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-keys-'))
  clock = new TestClock()
  const database = `sqlite:${join(folder, 'shared.db')}`
  const open = () => createTestSecurity({ masterKey, database, clock })
  nodes = [await open(), await open()]
})
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.close()))
  await rm(folder, { recursive: true, force: true })
})

const keysOf = (node: TestSecurity | undefined) => node?.security.parts.rooms.keys

it('a key that one node made signs on every node when its time has come, though nobody showed it', async () => {
  const [one, other] = nodes
  const before = keysOf(other)?.current().kid
  // The job of the start runs on one of the two; the next run is an hour away.
  await expect.poll(() => isRotationOver(one)).toBe(true)
  await keysOf(one)?.rotate()
  for (let passed = 0; passed < 12; passed++) {
    clock.advance(minute)
    await expect.poll(() => keysOf(other)?.published.length).toBe(2)
  }
  const [newKey, oldKey] = [keysOf(one)?.current().kid, before]
  expect(newKey).not.toBe(oldKey)
  expect(keysOf(other)?.current().kid).toBe(newKey)
})

async function isRotationOver(node: TestSecurity | undefined): Promise<boolean> {
  clock.advance(100)
  const jobs = node?.security.parts.ground.database.reader.selectFrom('hf_jobs').selectAll()
  const job = await jobs?.where('name', '=', 'keys.rotate').executeTakeFirst()
  return job !== undefined && job.lease_until === 0 && job.next_at > clock.now()
}
