import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import type { ExpressSecurity } from 'holdfast/express'
import { createRetailApp } from './app.ts'
import { Companies } from './companies.ts'
import { retailSecurity } from './holdfast.ts'
import { importFiles, type Progress } from './import.ts'
import { type MadePerson, makeFirstPeople } from './people.ts'
import { progressTo } from './progress.ts'
import { readSettings, retailDatabase, type Settings, UsageError } from './settings.ts'
import { shopifySecret } from './shopify-secret.ts'
import { ShopifyStock } from './shopify-stock.ts'
import { RetailStore } from './store.ts'
import { upgradeAssignments } from './upgrade.ts'

const DATA = fileURLToPath(new URL('./data/', import.meta.url))

/** Serves the example until SIGINT or SIGTERM. */
async function main(): Promise<void> {
  const settings = readSettings(process.env)
  const security = retailSecurity(settings)
  try {
    await importOnce(settings)
    await security.ready()
    await peopleOnce(settings, security)
    await serve(settings, security)
  } finally {
    await security.close()
  }
}

async function serve(settings: Settings, security: ExpressSecurity): Promise<void> {
  const store = new RetailStore(retailDatabase(settings))
  const stock = new ShopifyStock(retailDatabase(settings))
  try {
    const shopify = { stock, secret: shopifySecret(process.env, settings) }
    const server = createServer(createRetailApp({ security, store, shopify, now: Date.now }))
    server.listen(settings.port, '127.0.0.1')
    await once(server, 'listening').catch((error) => {
      throw portError(error, settings)
    })
    announce(settings)
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
    server.close()
    await once(server, 'close')
  } finally {
    stock.close()
    store.close()
  }
}

/** What to do about a port that something else has. */
function portError(error: unknown, { port }: Settings): unknown {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  return isTaken ? Object.assign(error, { message: `port ${port} is taken; set PORT` }) : error
}

function announce({ port }: Settings): void {
  const origin = `http://localhost:${port}`
  process.stdout.write(
    `Holdfast Retail is at ${origin}\nIts mail is kept at ${origin}/dev/mailbox\n`,
  )
}

/** The import, on a connection of its own. Later starts find it done. */
async function importOnce(settings: Settings): Promise<void> {
  const store = new RetailStore(retailDatabase(settings))
  try {
    const progress = onlyNews(progressTo(process.stderr))
    await importFiles({ store, directory: DATA, now: Date.now, progress })
  } finally {
    store.close()
  }
}

async function peopleOnce(settings: Settings, security: ExpressSecurity): Promise<void> {
  const store = new RetailStore(retailDatabase(settings))
  try {
    const companies = new Companies(security, store)
    await companies.makeAll()
    await upgradeAssignments({ security, store, companies })
    await makeFirstPeople({ security, store, companies, show: showPasswords })
  } finally {
    store.close()
  }
}

/** Files that were imported before are no news. */
function onlyNews(progress: Progress): Progress {
  return {
    start: (file, totalBytes) => progress.start(file, totalBytes),
    advance: (bytes, rows) => progress.advance(bytes, rows),
    finish: (result) => {
      if (result.imported) progress.finish(result)
    },
  }
}

function showPasswords(people: readonly MadePerson[]): void {
  const lines = people.map(
    ({ title, email, password }) => `  ${title.padEnd(28)} ${email.padEnd(28)} ${password}`,
  )
  process.stdout.write(`Made for you, shown this once:\n\n${lines.join('\n')}\n\n`)
}

try {
  await main()
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof Error && 'code' in error)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
