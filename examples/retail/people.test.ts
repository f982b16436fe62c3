import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { retailSecurity } from './holdfast.ts'
import { importFiles } from './import.ts'
import { type MadePerson, makeFirstPeople } from './people.ts'
import { RetailStore } from './store.ts'
import { DATA, scratchDirectory } from './testdata/scratch.ts'

async function setUp() {
  const dataDir = await scratchDirectory()
  const security = retailSecurity({ dataDir, port: 3000 }, { logLevel: 'error' })
  await security.ready()
  onTestFinished(() => security.close())
  const store = new RetailStore(join(dataDir, 'retail.db'))
  onTestFinished(() => store.close())
  await importFiles({ store, directory: DATA, now: Date.now })
  const start = async (show?: () => void) => {
    const made: MadePerson[] = []
    const keep = (people: readonly MadePerson[]) => {
      show?.()
      made.push(...people)
    }
    await makeFirstPeople({ security, store, now: Date.now, show: keep })
    return made
  }
  return { security, store, start }
}

describe('the first people', () => {
  test('are made once, each with a password and a role of their own', async () => {
    const { security, store, start } = await setUp()
    const made = await start()
    expect(new Set(made.map(({ password }) => password)).size).toBe(4)
    expect((await security.users.find('admin@retail.example'))?.roles).toContain('super_admin')
    expect(store.assignments().map(({ email, storeId }) => [email, storeId])).toEqual([
      ['employee@nordlicht.example', 'HAM'],
      ['manager@harbour.example', null],
      ['manager@nordlicht.example', null],
    ])
    expect(await start()).toEqual([])
  })

  test('get the same passwords when a start dies before it could show them', async () => {
    const { store, start } = await setUp()
    const died = start(() => {
      throw new Error('killed')
    })
    await expect(died).rejects.toThrow('killed')
    const planned = store.findPlannedPassword('admin@retail.example')
    const made = await start()
    expect(made.find(({ email }) => email === 'admin@retail.example')?.password).toBe(planned)
    expect(made).toHaveLength(4)
    expect(store.findPlannedPassword('admin@retail.example')).toBeUndefined()
  })

  test('keep their passwords, unseen, when only the database of the example was removed', async () => {
    const { security, start } = await setUp()
    await start()
    const fresh = new RetailStore(':memory:')
    onTestFinished(() => fresh.close())
    await importFiles({ store: fresh, directory: DATA, now: Date.now })
    let shown = 0
    const show = () => {
      shown++
    }
    await makeFirstPeople({ security, store: fresh, now: Date.now, show })
    expect(shown).toBe(0)
  })
})
