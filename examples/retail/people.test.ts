import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Companies } from './companies.ts'
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
  const companies = new Companies(security, store)
  const start = async (show?: () => void) => {
    const made: MadePerson[] = []
    const keep = (people: readonly MadePerson[]) => {
      show?.()
      made.push(...people)
    }
    await makeFirstPeople({ security, store, companies, show: keep })
    return made
  }
  return { security, store, companies, start }
}

describe('the first people', () => {
  test('are made once, each with a password and a role of their own', async () => {
    const { companies, security, start } = await setUp()
    const made = await start()
    expect(new Set(made.map(({ password }) => password)).size).toBe(4)
    expect((await security.users.find('admin@retail.example'))?.roles).toContain('super_admin')
    const placesOf = async (email: string) => {
      const account = await security.users.find(email)
      expect(account?.roles).toEqual(['user'])
      return companies.membershipsOf(account?.id ?? '')
    }
    expect(await placesOf('manager@nordlicht.example')).toEqual([
      { companyId: 'nordlicht', roles: ['manager'], storeId: null },
    ])
    expect(await placesOf('employee@nordlicht.example')).toEqual([
      { companyId: 'nordlicht', roles: ['employee'], storeId: 'HAM' },
    ])
    expect(await placesOf('manager@harbour.example')).toEqual([
      { companyId: 'harbour', roles: ['manager'], storeId: null },
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
    const again = new Companies(security, fresh)
    await makeFirstPeople({ security, store: fresh, companies: again, show })
    expect(shown).toBe(0)
  })
})
