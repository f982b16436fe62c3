import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { ExpressSecurity, SecurityOptions } from 'holdfast/express'
import { createRetailApp } from '../app.ts'
import { Companies } from '../companies.ts'
import { retailSecurity } from '../holdfast.ts'
import { importFiles } from '../import.ts'
import { type MadePerson, makeFirstPeople } from '../people.ts'
import { type Place, REPORT_ROLES } from '../scope.ts'
import { shopifySecret } from '../shopify-secret.ts'
import { ShopifyStock } from '../shopify-stock.ts'
import { RetailStore } from '../store.ts'
import { Browser } from './browser.ts'
import { DATA } from './scratch.ts'

/** The example, listening, with its first people. */
export interface Running {
  readonly origin: string
  readonly dataDir: string
  readonly security: ExpressSecurity
  readonly store: RetailStore
  readonly stock: ShopifyStock
  readonly companies: Companies
  readonly people: readonly MadePerson[]
  /** A browser in which the person with this address has signed in. */
  signedIn(email: string, password?: string): Promise<Browser>
  /** Makes somebody a member of a company with these roles there. */
  admit(userId: string, place: Place, roles: readonly string[]): Promise<void>
  /** Somebody active, signed in. Roles of companies are held in that of the place, if there is one. */
  someone(roles: readonly string[], place?: Place): Promise<Browser>
  close(): Promise<void>
}

/** Starts the whole example in this process on a free port. Limits are raised: tests ask a lot. */
export async function startRetail(
  dataDir: string,
  options: Partial<SecurityOptions> = {},
): Promise<Running> {
  let listener: RequestListener = () => {}
  const server = createServer((request, response) => listener(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const much = { points: 1_000_000 }
  const limits = { general: much, account: much, auth: much, authClient: much }
  const security = retailSecurity({ dataDir, port }, { limits, logLevel: 'error', ...options })
  await security.ready()
  const store = new RetailStore(join(dataDir, 'retail.db'))
  const people: MadePerson[] = []
  const show = (made: readonly MadePerson[]) => void people.push(...made)
  const companies = new Companies(security, store)
  await importFiles({ store, directory: DATA, now: Date.now })
  await companies.makeAll()
  await makeFirstPeople({ security, store, companies, show })
  const stock = new ShopifyStock(join(dataDir, 'retail.db'))
  const shopify = { stock, secret: shopifySecret({}, { dataDir, port }) }
  listener = createRetailApp({ security, store, shopify, now: Date.now })
  const origin = `http://localhost:${port}`
  const signedIn = async (email: string, password = passwordOf(people, email)) => {
    const browser = new Browser(origin)
    const reply = await browser.signIn(email, password)
    if (reply.status !== 200) throw new Error(`${email} cannot sign in: ${reply.text}`)
    return browser
  }
  const admit: Running['admit'] = async (userId, { companyId, storeId }, roles) => {
    const organisation = await companies.organisationOf(companyId)
    await security.organisations.addMember(organisation, { userId, roles })
    store.saveMemberStore({ userId, companyId }, storeId)
  }
  return {
    ...{ origin, dataDir, security, store, stock, companies, people, signedIn, admit },
    async someone(roles, place) {
      const email = `person-${crypto.randomUUID()}@example.com`
      const password = crypto.randomUUID()
      const inside = roles.filter((role) => place !== undefined && REPORT_ROLES.includes(role))
      const everywhere = roles.filter((role) => !inside.includes(role))
      const { id } = await security.users.create({ email, password, roles: everywhere })
      if (place) await admit(id, place, inside)
      return signedIn(email, password)
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await security.close()
      stock.close()
      store.close()
    },
  }
}

function passwordOf(people: readonly MadePerson[], email: string): string {
  return people.find((one) => one.email === email)?.password ?? ''
}

/** The stores in an answer of the API, by name. */
export function storesOf(reply: { readonly text: string }): string[] {
  const { stores } = JSON.parse(reply.text) as { stores: { storeId: string }[] }
  return stores.map((line) => line.storeId).sort()
}
