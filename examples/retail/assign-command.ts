import { Assigner, type AssignRequest, type AssignResult } from './assign.ts'
import { Companies, type Member } from './companies.ts'
import { HoldfastPeople } from './directory.ts'
import { retailSecurity } from './holdfast.ts'
import { retailDatabase, type Settings } from './settings.ts'
import { RetailStore } from './store.ts'
import { type UpgradeParts, upgradeAssignments } from './upgrade.ts'

/** Assigns a person from the command line; the app may be running meanwhile. */
export async function assignPerson(
  request: AssignRequest,
  settings: Settings,
): Promise<AssignResult> {
  return withCompanies(settings, ({ companies, security, store }) => {
    const assigner = new Assigner(store, new HoldfastPeople(security, companies))
    return assigner.assign(request, { kind: 'operator' })
  })
}

/** Everybody who has a company, by address. */
export function peopleWithCompanies(settings: Settings): Promise<readonly Member[]> {
  return withCompanies(settings, async ({ companies, store }) => {
    const all: Member[] = []
    for (const { companyId } of store.companies()) {
      all.push(...(await companies.membersOf(companyId)))
    }
    return all.sort((one, other) => (one.email < other.email ? -1 : 1))
  })
}

async function withCompanies<T>(
  settings: Settings,
  work: (parts: UpgradeParts) => Promise<T>,
): Promise<T> {
  const security = retailSecurity(settings, { logLevel: 'error' })
  await security.ready()
  const store = new RetailStore(retailDatabase(settings))
  const parts = { security, store, companies: new Companies(security, store) }
  try {
    await upgradeAssignments(parts)
    return await work(parts)
  } finally {
    store.close()
    await security.close()
  }
}
