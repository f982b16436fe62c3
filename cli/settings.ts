import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import {
  developmentSecrets,
  type Environment,
  optionsFromEnv,
  type SecurityOptions,
  type ServerSettings,
} from '../src/config/index.ts'
import { CommandFailure } from './command.ts'
import type { Terminal } from './terminal.ts'

export interface Settings {
  readonly options: SecurityOptions
  readonly server: ServerSettings
}

export interface SettingsRequest {
  /** Development: a localhost address, secrets made in the data directory, mail kept in a mailbox. */
  readonly dev: boolean
  /** Stronger than the environment, such as a port from the command line. */
  readonly overrides?: Environment
}

/**
 * Settings of the environment and of `.env` in the working directory, where the environment wins.
 * Whatever is odd about them is told on standard error.
 */
export function readSettings(
  terminal: Terminal,
  { dev, overrides = {} }: SettingsRequest,
): Settings {
  const env = { ...readEnvironment(terminal), ...overrides }
  const { options, server, notices } = optionsFromEnv(env)
  for (const { variable, message } of notices) terminal.err(`holdfast: ${variable} ${message}`)
  if (!dev) return { options, server }
  if (server.production) {
    throw new CommandFailure('NODE_ENV is production, so --dev is refused. Unset one of the two.')
  }
  return { options: forDevelopment(options, server), server: { host: '127.0.0.1', ...server } }
}

/** The environment over `.env` in the working directory. */
export function readEnvironment(terminal: Terminal): Environment {
  return { ...envFile(terminal), ...terminal.env }
}

function forDevelopment(options: SecurityOptions, server: ServerSettings): SecurityOptions {
  return {
    ...options,
    mode: 'development',
    baseUrl: options.baseUrl ?? `http://localhost:${server.port}`,
    masterKey: options.masterKey ?? developmentSecrets(server.dataDir).masterKey,
  }
}

function envFile({ cwd, err }: Terminal): Environment {
  const path = join(cwd, '.env')
  if (!existsSync(path)) return {}
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    err(`holdfast: ${path} can be read by others. Run: chmod 600 ${path}`)
  }
  return parseEnv(readFileSync(path, 'utf8'))
}
