import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ImportError, importFiles } from './import.ts'
import { progressTo } from './progress.ts'
import { readSettings, retailDatabase, type Settings, UsageError } from './settings.ts'
import { RetailStore } from './store.ts'

const USAGE = `Usage: npm run retail -- COMMAND

  import [--from DIRECTORY]     read the CSV files of a year of sales and stock
  assign --email ADDRESS --role ROLE --company ID [--store ID]
                                give a registered person a company; ROLE is manager,
                                employee (needs a store) or admin
  people                        list the people who have a company

Data lies in HOLDFAST_DATA_DIR (default .holdfast).
`

const SHIPPED_DATA = fileURLToPath(new URL('./data/', import.meta.url))

/** Something was asked for rightly and cannot be done. */
class Refusal extends Error {}

type Command = (args: string[], settings: Settings) => Promise<void>

const COMMANDS: Readonly<Record<string, Command>> = {
  import: runImport,
  assign: runAssign,
  people: runPeople,
}

async function runImport(args: string[], settings: Settings): Promise<void> {
  const { values } = parseArgs({ args, options: { from: { type: 'string' } } })
  await mkdir(settings.dataDir, { recursive: true, mode: 0o700 })
  const store = new RetailStore(retailDatabase(settings))
  try {
    const directory = values.from ?? SHIPPED_DATA
    await importFiles({ store, directory, now: Date.now, progress: progressTo(process.stderr) })
  } finally {
    store.close()
  }
}

async function runAssign(args: string[], settings: Settings): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      email: { type: 'string' },
      role: { type: 'string' },
      company: { type: 'string' },
      store: { type: 'string' },
    },
  })
  const { email, role, company, store: shop = '' } = values
  if (!email || !role || !company)
    throw new UsageError('assign needs --email, --role and --company.')
  const { assignPerson } = await import('./assign-command.ts')
  const result = await assignPerson({ email, role, company, store: shop }, settings)
  if (result.kind === 'refused') throw new Refusal(result.faults.join('\n'))
  process.stdout.write(`${result.assignment.email} is now ${result.role} of ${company} ${shop}\n`)
}

async function runPeople(args: string[], settings: Settings): Promise<void> {
  parseArgs({ args, options: {} })
  await mkdir(settings.dataDir, { recursive: true, mode: 0o700 })
  const { peopleWithCompanies } = await import('./assign-command.ts')
  for (const { email, companyId, storeId } of await peopleWithCompanies(settings)) {
    process.stdout.write(`${email.padEnd(40)} ${companyId} ${storeId ?? ''}\n`)
  }
}

async function main(args: readonly string[]): Promise<number> {
  const [name = '', ...rest] = args
  if (name === '--help' || name === 'help') {
    process.stdout.write(USAGE)
    return 0
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  try {
    if (!command) throw new UsageError(name ? `There is no command '${name}'.` : 'Which command?')
    await command(rest, readSettings(process.env))
    return 0
  } catch (error) {
    return report(error)
  }
}

/** 2 for a wrong use, 1 for a failure with a code of its own; anything else is a defect: thrown. */
function report(error: unknown): number {
  if (isUsageError(error)) {
    process.stderr.write(`${error.message}\n\n${USAGE}`)
    return 2
  }
  if (!isForeseen(error)) throw error
  process.stderr.write(`${error.message}\n`)
  return 1
}

function isForeseen(error: unknown): error is Error {
  if (error instanceof ImportError || error instanceof Refusal) return true
  return error instanceof Error && 'code' in error
}

function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true
  return (
    error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  )
}

process.exitCode = await main(process.argv.slice(2))
