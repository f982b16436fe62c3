import { Assigner, type AssignRequest, type AssignResult } from './assign.ts'
import { HoldfastPeople } from './directory.ts'
import { retailSecurity } from './holdfast.ts'
import { retailDatabase, type Settings } from './settings.ts'
import { RetailStore } from './store.ts'

/** Assigns a person from the command line; the app may be running meanwhile. */
export async function assignPerson(
  request: AssignRequest,
  settings: Settings,
): Promise<AssignResult> {
  const security = retailSecurity(settings, { logLevel: 'error' })
  await security.ready()
  const store = new RetailStore(retailDatabase(settings))
  try {
    const assigner = new Assigner(store, new HoldfastPeople(security), Date.now)
    return await assigner.assign(request, { kind: 'operator' })
  } finally {
    store.close()
    await security.close()
  }
}
