import { jsonLogger, systemClock, systemRandom } from '../ports/index.ts'
import type { Config } from './config.ts'
import type { AccessConfig } from './config-access.ts'
import { configurationError, Faults } from './faults.ts'
import { optionTable } from './option-table.ts'
import type { SecurityOptions } from './options.ts'
import { profiles } from './profiles.ts'
import { readGroup } from './read.ts'
import { withMatrix } from './role-matrix.ts'
import { usualSuperAdmin } from './role-rules.ts'
import { checkRules } from './rules.ts'

const developmentUrl = 'http://localhost:3000'
const none: readonly string[] = Object.freeze([])
const embeddedDatabase = 'sqlite:.holdfast/holdfast.db'

/**
 * Checks and completes the options. Groups merge deeply over the profile and the defaults, so that
 * an option given alone changes nothing else. The result is frozen throughout; ports, pools and
 * mailers stay as they were given.
 *
 * Throws one SecurityError `invalid_configuration` that lists every mistake with its path and fix.
 */
export function resolveConfig(options: SecurityOptions): Config {
  const faults = new Faults()
  const profile = profiles[options?.profile === 'strict' ? 'strict' : 'standard']
  const given = { value: options, fallback: { ...profile, ...derivedDefaults(options) } }
  const read = readGroup(optionTable, given, { path: '', faults })
  if (read === undefined) throw configurationError(faults.lines())
  const config = withPorts(read as unknown as Config)
  checkRules(config, faults)
  faults.throwIfAny()
  return Object.freeze({ ...config, access: withSuperAdmin(withMatrix(config.access)) })
}

/** Defaults that follow from other options. */
function derivedDefaults(options: SecurityOptions): Partial<SecurityOptions> {
  const baseUrl = options?.baseUrl ?? (options?.mode === 'development' ? developmentUrl : undefined)
  const host = typeof baseUrl === 'string' && URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  return {
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(host === undefined
      ? {}
      : { tokens: { audience: host.origin }, mail: { from: `no-reply@${host.hostname}` } }),
    ...(ownDatabase(options) ? {} : { database: { url: embeddedDatabase } }),
  }
}

function ownDatabase(options: SecurityOptions): boolean {
  const { database } = options ?? {}
  if (typeof database !== 'object' || database === null) return database !== undefined
  return database.url !== undefined || 'pool' in database || 'kysely' in database
}

/** A super-admin role by another name takes over `*`, and the usual name holds nothing any more. */
function withSuperAdmin(access: AccessConfig): AccessConfig {
  const { roles, superAdminRole } = access
  if (superAdminRole === usualSuperAdmin) return access
  const role = (permissions: readonly string[]) =>
    Object.freeze({ permissions: Object.freeze(permissions), deny: none, inherits: none })
  const both = { [superAdminRole]: role(['*']), [usualSuperAdmin]: role([]) }
  return Object.freeze({
    ...access,
    roles: Object.freeze(Object.assign(Object.create(null), roles, both)),
  })
}

function withPorts(config: Config): Config {
  const clock = config.clock ?? systemClock
  const logger =
    config.logger ?? jsonLogger({ level: config.logLevel ?? 'info', now: () => clock.now() })
  return { ...config, clock, logger, random: config.random ?? systemRandom }
}
