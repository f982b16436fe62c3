import { databaseUrlFrom, smtpUrlFrom, valkeyUrlFrom } from './env-addresses.ts'
import { type EnvNotice, noticesOf } from './env-notices.ts'
import { type Environment, type EnvVariable, envSections } from './env-table.ts'
import { Faults } from './faults.ts'
import type { Field } from './fields.ts'
import { optionTable } from './option-table.ts'
import type { SecurityOptions } from './options.ts'

/** What the environment says, split by who needs it. */
export interface EnvOptions {
  readonly options: SecurityOptions
  readonly server: ServerSettings
  /** Printed at start: variables that are not used yet, no longer used, or look misspelt. */
  readonly notices: readonly EnvNotice[]
}

/** What only the stand-alone server and the command line need. */
export interface ServerSettings {
  readonly port: number
  /** Absent: every interface, or loopback in development. */
  readonly host?: string
  readonly dataDir: string
  /** NODE_ENV is `production`. */
  readonly production: boolean
  /** Absent: plain HTTP, for a proxy that ends TLS. */
  readonly tls?: ServerTlsSettings
}

/** TLS of the stand-alone server. */
export interface ServerTlsSettings {
  readonly certPath: string
  readonly keyPath: string
  /** A second port, which leads plain HTTP to `baseUrl`. Absent: none. */
  readonly redirectPort?: number
}

const variables: readonly EnvVariable[] = envSections.flatMap((section) => section.variables)
/**
 * Options from environment variables; a variable that is empty counts as not set. It reads nothing
 * but `env`. Throws one SecurityError `invalid_configuration` that names each bad variable; values
 * of secrets are never part of it.
 */
export function optionsFromEnv(env: Environment): EnvOptions {
  const faults = new Faults()
  const set = (name: string) => env[name]?.trim() || undefined
  const options: Draft = {}
  for (const variable of variables) {
    const text = set(variable.name)
    if (text !== undefined && variable.option !== undefined)
      apply({ variable, text, options, faults })
  }
  write(options, 'database.url', databaseUrlFrom(set, faults))
  write(options, 'mail.smtpUrl', smtpUrlFrom(set, faults))
  write(options, 'valkey.url', valkeyUrlFrom(set, faults))
  const server = serverSettings(set, faults)
  faults.throwIfAny()
  write(options, 'database.url', `sqlite:${server.dataDir}/holdfast.db`)
  return {
    options: { masterKey: undefined, ...options },
    server,
    notices: noticesOf(env),
  }
}

/** The variable that sets the option at `path`, so that a message about it can name both. */
export function variableFor(path: string): string | undefined {
  return variables.find(({ option }) => option?.split(' ').includes(path))?.name
}

interface Draft {
  [name: string]: unknown
}

interface Applied {
  readonly variable: EnvVariable
  readonly text: string
  readonly options: Draft
  readonly faults: Faults
}

function apply({ variable, text, options, faults }: Applied): void {
  const value = convert(text, variable.as ?? 'text')
  for (const path of variable.option?.split(' ') ?? []) {
    const field = fieldAt(path)
    if (field?.kind === 'leaf')
      field.read(value, { path: variable.name, faults: once(faults, variable) })
    write(options, path, value)
  }
}

/** One variable may set several options; what is wrong with it is said once. */
function once(faults: Faults, { name }: EnvVariable): Faults {
  return faults.concerns(name) ? new Faults() : faults
}

function convert(text: string, as: NonNullable<EnvVariable['as']>): unknown {
  if (as === 'number') return /^\d{1,15}$/.test(text) ? Number(text) : text
  if (as === 'flag') return text === 'true' ? true : text === 'false' ? false : text
  if (as === 'list')
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
  if (as === 'seconds') return /^\d{1,9}$/.test(text) ? `${text}s` : text
  return text
}

function fieldAt(path: string): Field | undefined {
  return path
    .split('.')
    .reduce<Field | undefined>(
      (field, name) => (field?.kind === 'group' ? field.fields[name] : undefined),
      optionTable,
    )
}

/** Sets `path` unless it is set already. */
function write(options: Draft, path: string, value: unknown): void {
  if (value === undefined) return
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  let place = options
  for (const key of keys) {
    place[key] ??= {}
    place = place[key] as Draft
  }
  place[last] ??= value
}

type Lookup = (name: string) => string | undefined

function serverSettings(set: Lookup, faults: Faults): ServerSettings {
  const host = set('HOST')
  const tls = tlsSettings(set, faults)
  return {
    port: portOf('PORT', set('PORT') ?? '3000', faults),
    ...(host === undefined ? {} : { host }),
    dataDir: set('HOLDFAST_DATA_DIR') ?? '.holdfast',
    production: set('NODE_ENV') === 'production',
    ...(tls === undefined ? {} : { tls }),
  }
}

function tlsSettings(set: Lookup, faults: Faults): ServerTlsSettings | undefined {
  const [certPath, keyPath] = [set('SSL_CERT_PATH'), set('SSL_KEY_PATH')]
  const redirect = set('HTTP_REDIRECT_PORT')
  if (certPath === undefined && keyPath === undefined) {
    if (redirect !== undefined) faults.add('HTTP_REDIRECT_PORT', 'needs SSL_CERT_PATH.')
    return undefined
  }
  if (certPath === undefined) faults.add('SSL_CERT_PATH', 'is missing beside SSL_KEY_PATH.')
  if (keyPath === undefined) faults.add('SSL_KEY_PATH', 'is missing beside SSL_CERT_PATH.')
  return {
    ...{ certPath: certPath ?? '', keyPath: keyPath ?? '' },
    ...(redirect === undefined
      ? {}
      : { redirectPort: portOf('HTTP_REDIRECT_PORT', redirect, faults) }),
  }
}

function portOf(name: string, text: string, faults: Faults): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) faults.add(name, 'must be a whole number from 0 to 65535.')
  return port
}
