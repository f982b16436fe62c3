import { resolveConfig, type SecurityOptions } from '../src/config/index.ts'
import type { Migrator } from '../src/database/index.ts'
import type { Security } from '../src/security.ts'
import type { CommandInput, CommandOption } from './command.ts'
import { type DatabasePlace, databasePlace } from './database-place.ts'
import { readSettings } from './settings.ts'

/** For commands that need the database and the secrets. */
export const developmentOption: Readonly<Record<string, CommandOption>> = {
  dev: {
    type: 'boolean',
    help: 'Use the development secrets of HOLDFAST_DATA_DIR, as "serve --dev" does.',
  },
}

// The modules of the whole house are loaded by the commands that need them, and by no other.

export interface OpenRequest {
  /** The command mails a link, so the address of the app has to be known; nothing is guessed. */
  readonly links?: true
}

/**
 * Opens the security that the environment describes, without serving anything, and closes it again
 * whatever happens. Pending migrations run first, as they do when a server starts.
 */
export async function withSecurity<T>(
  input: CommandInput,
  work: (security: Security, place: DatabasePlace) => Promise<T>,
  request: OpenRequest = {},
): Promise<T> {
  const { createSecurity } = await import('../src/security.ts')
  const options = quietOptions(input, request)
  const security = createSecurity(options)
  const place = await databasePlace(options)
  try {
    await security.ready({ jobs: false })
    return await work(security, place)
  } finally {
    await security.close()
  }
}

/** The migrator of the database that the environment describes; nothing else is opened. */
export async function withMigrator<T>(
  input: CommandInput,
  work: (migrator: Migrator) => Promise<T>,
): Promise<T> {
  const { migrations, openConfigured } = await import('../src/composition/index.ts')
  const { Migrator } = await import('../src/database/index.ts')
  const database = await openConfigured(resolveConfig(quietOptions(input)))
  try {
    return await work(new Migrator(database, migrations))
  } finally {
    await database.close()
  }
}

/**
 * Log lines below `error` would only disturb the answer of a command. Commands answer no request, so
 * outside production a missing address is no reason to refuse those that write no link.
 */
function quietOptions(
  { terminal, values }: CommandInput,
  { links }: OpenRequest = {},
): SecurityOptions {
  const { options, server } = readSettings(terminal, { dev: values.dev === true })
  const known = server.production || links === true
  const local = known ? {} : { baseUrl: `http://localhost:${server.port || 3000}` }
  return { ...local, ...options, logLevel: 'error' }
}
