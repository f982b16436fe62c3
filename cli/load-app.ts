import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadEnvFile } from 'node:process'
import { pathToFileURL } from 'node:url'
import type { Express } from 'express'
import type { ExpressSecurity } from '../src/adapters/express/index.ts'
import { CommandFailure } from './command.ts'

/** What a file with an app gives. */
export interface LoadedApp {
  readonly app: Express
  readonly security: Pick<ExpressSecurity, 'manifest' | 'close'>
}

/**
 * Imports the app of a file, which exports `app` and `security`, or a function as `createApp` or by
 * default that returns both. The file runs as it is: it sees `.env` of the working directory as `node
 * --env-file` would show it, and should not listen by itself.
 */
export async function loadApp(file: string, cwd: string): Promise<LoadedApp> {
  const path = resolve(cwd, file)
  if (!existsSync(path)) throw new CommandFailure(`There is no ${path}.`)
  const env = join(cwd, '.env')
  if (existsSync(env)) loadEnvFile(env)
  const found = await appOf((await importFile(path)) as Exports, path)
  if (found) return found
  throw new CommandFailure(
    `${path} exports no app. Export \`app\` and \`security\`, or a function createApp that returns { app, security }.`,
  )
}

interface Exports {
  readonly app?: unknown
  readonly security?: unknown
  readonly createApp?: unknown
  readonly default?: unknown
}

async function importFile(path: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(path).href)
  } catch (error) {
    throw new CommandFailure(`${path} cannot be imported: ${messageOf(error)}`)
  }
}

async function appOf(exported: Exports, path: string): Promise<LoadedApp | undefined> {
  const { createApp, default: own } = exported
  if (isLoaded(exported)) return exported
  if (isLoaded(own)) return own
  const make = [createApp, own, (own as Exports | undefined)?.createApp].find(isFunction)
  if (!make) return undefined
  try {
    const made = await make()
    return isLoaded(made) ? made : undefined
  } catch (error) {
    throw new CommandFailure(`The function of ${path} failed: ${messageOf(error)}`)
  }
}

function isFunction(value: unknown): value is () => unknown {
  return typeof value === 'function'
}

function isLoaded(value: unknown): value is LoadedApp {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  const { app, security } = value as Exports
  return isFunction(app) && isFunction((security as { manifest?: unknown } | undefined)?.manifest)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
