import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadEnvFile } from 'node:process'
import { pathToFileURL } from 'node:url'
import type { Express } from 'express'
import type { ExpressSecurity } from '../src/adapters/express/index.ts'
import type { Security } from '../src/security.ts'
import { CommandFailure, type CommandInput, type CommandOption, stringOption } from './command.ts'
import { developmentOption, withSecurity } from './open-security.ts'

/** For commands that read what the app itself says: its roles and resources. */
export const appOption: Readonly<Record<string, CommandOption>> = {
  app: {
    type: 'string',
    value: 'FILE',
    help: 'Module that exports `security`; importing it must not start to listen.',
  },
}

/** For commands that open by `withAppSecurity`. */
export const appOptions: Readonly<Record<string, CommandOption>> = {
  ...appOption,
  ...developmentOption,
}

/** What to add to an answer that rests on the environment, because no `--app` was given. */
export function appNote(input: CommandInput, what: string): readonly string[] {
  if (stringOption(input, 'app') !== undefined) return []
  return [`The ${what} the environment's, which your app may set otherwise: give --app FILE.`]
}

/** What a file with an app gives. */
export interface LoadedApp {
  readonly app: Express
  readonly security: Pick<ExpressSecurity, 'manifest' | 'close'>
}

/** The app of a file, with its security. */
export function loadApp(file: string, cwd: string): Promise<LoadedApp> {
  return importFrom(resolve(cwd, file), {
    cwd,
    isWanted: isLoaded,
    missing:
      'exports no app. Export `app` and `security`, or a function createApp that returns { app, security }.',
  })
}

/** The security that the module named by `--app` exports; undefined without the option. */
export async function appSecurity(input: CommandInput): Promise<Security | undefined> {
  const file = stringOption(input, 'app')
  if (file === undefined) return undefined
  const { cwd } = input.terminal
  const { security } = await importFrom(resolve(cwd, file), {
    cwd,
    isWanted: hasSecurity,
    missing: 'exports no `security`. Write: export const security = createSecurity(...)',
  })
  return security
}

/** Opens the security of `--app`, or without it the one that the environment describes, and closes it again. */
export async function withAppSecurity<T>(
  input: CommandInput,
  work: (security: Security) => Promise<T>,
): Promise<T> {
  const security = await appSecurity(input)
  if (!security) return withSecurity(input, work)
  try {
    await security.ready({ jobs: false, told: true })
    return await work(security)
  } finally {
    await security.close()
  }
}

interface Wish<T> {
  readonly cwd: string
  readonly isWanted: (value: unknown) => value is T
  /** What to say of a file that has no such thing. */
  readonly missing: string
}

interface Exports {
  readonly app?: unknown
  readonly security?: unknown
  readonly createApp?: unknown
  readonly default?: unknown
}

/**
 * What a file exports, by name or by default, or what its function `createApp` or its default one returns.
 * The file runs as it is: it sees `.env` of the working directory as `node --env-file` would show it, and
 * should not listen by itself.
 */
async function importFrom<T>(path: string, { cwd, isWanted, missing }: Wish<T>): Promise<T> {
  if (!existsSync(path)) throw new CommandFailure(`There is no ${path}.`)
  const env = join(cwd, '.env')
  if (existsSync(env)) loadEnvFile(env)
  const exported = await importFile(path)
  const { createApp, default: own } = exported
  const found = [exported, own].find(isWanted)
  if (found) return found
  const make = [createApp, own, (own as Exports | undefined)?.createApp].find(isFunction)
  const made = make && (await callFrom(path, make))
  if (isWanted(made)) return made
  throw new CommandFailure(`${path} ${missing}`)
}

async function importFile(path: string): Promise<Exports> {
  try {
    return (await import(pathToFileURL(path).href)) as Exports
  } catch (error) {
    throw new CommandFailure(`${path} cannot be imported: ${messageOf(error)}`)
  }
}

async function callFrom(path: string, make: () => unknown): Promise<unknown> {
  try {
    return await make()
  } catch (error) {
    throw new CommandFailure(`The function of ${path} failed: ${messageOf(error)}`)
  }
}

function isFunction(value: unknown): value is () => unknown {
  return typeof value === 'function'
}

function isLoaded(value: unknown): value is LoadedApp {
  const { app, security } = partsOf(value)
  return isFunction(app) && isFunction((security as { manifest?: unknown } | undefined)?.manifest)
}

/** By its verbs: the app may run another copy of this package. */
function hasSecurity(value: unknown): value is { readonly security: Security } {
  const { security } = partsOf(value)
  return (
    typeof security === 'object' && security !== null && 'access' in security && 'ready' in security
  )
}

function partsOf(value: unknown): Exports {
  return (typeof value === 'object' || typeof value === 'function') && value !== null ? value : {}
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
