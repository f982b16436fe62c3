import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Security } from '../src/security.ts'
import { CommandFailure, type CommandInput, type CommandOption, stringOption } from './command.ts'
import { withSecurity } from './open-security.ts'

/** For commands that read what the app itself says: its roles, resources and routes. */
export const appOption: Readonly<Record<string, CommandOption>> = {
  app: {
    type: 'string',
    value: 'FILE',
    help: 'Module that exports `security`; importing it must not start to listen.',
  },
}

/** The security that the module named by `--app` exports; undefined without the option. */
export async function appSecurity(input: CommandInput): Promise<Security | undefined> {
  const file = stringOption(input, 'app')
  if (file === undefined) return undefined
  const path = resolve(input.terminal.cwd, file)
  const { security } = await importModule(path)
  if (isSecurity(security)) return security
  throw new CommandFailure(
    `${file} exports no \`security\`. Write: export const security = createSecurity(...)`,
  )
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

async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(path).href)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CommandFailure(`${path} could not be imported: ${why}`)
  }
}

/** By its verbs: the app may run another copy of this package. */
function isSecurity(value: unknown): value is Security {
  return typeof value === 'object' && value !== null && 'access' in value && 'ready' in value
}
