import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('../processes/closing-node.ts', import.meta.url))
const newKey = () => randomBytes(32).toString('base64url')

describeEngines('rule 45: a closed security', (engine) => {
  let fresh: FreshDatabase
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
  })
  afterAll(() => fresh?.drop())

  const closing = async (...args: readonly string[]) => {
    const { stdout } = await run(process.execPath, [program, ...args], {
      timeout: 40_000,
    })
    return JSON.parse(stdout)
  }

  it('leaves no handle: the process ends by itself', async () => {
    const key = newKey()
    expect(await closing(fresh.url, key)).toEqual({ outcome: 'worked', held: [] })
  }, 90_000)

  it('that could not start leaves none either', async () => {
    const key = newKey()
    expect(await closing(fresh.url, key, 'fail')).toEqual({ outcome: 'refused', held: [] })
  }, 90_000)
})
