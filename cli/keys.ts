import type { ApiKeyView, KeyOwner, ShownKey } from '../src/api-keys/index.ts'
import type { Security } from '../src/security.ts'
import { appOptions, withAppSecurity } from './app-module.ts'
import {
  answer,
  type Command,
  CommandFailure,
  type CommandInput,
  type CommandOption,
  stringOption,
  UsageError,
} from './command.ts'
import { columns } from './help.ts'
import { developmentOption, withSecurity } from './open-security.ts'
import { operator, reasonOption } from './operator.ts'

const ownerOptions: Readonly<Record<string, CommandOption>> = {
  account: { type: 'string', value: 'ACCOUNT', help: 'Keys of this account.' },
  'service-account': { type: 'string', value: 'NAME', help: 'Keys of this service account.' },
  organisation: { type: 'string', value: 'ID', help: 'Keys that this organisation owns.' },
}

const keyInSight =
  'holdfast: a key on the command line is seen by others and kept in the history of the shell. Better: - and standard input.'

const inspect: Command = {
  name: 'keys inspect',
  summary: 'Tell whether a text is an API key, and which one, without any database.',
  positionals: ['KEY|-'],
  options: {},
  notes: `  echo "$FOUND" | holdfast keys inspect -
  Exit code 1 when it is none, or was mistyped. Whether it still works only the service can say.`,
  run: async (input) => {
    const [text = ''] = input.positionals
    if (text !== '-') input.terminal.err(keyInSight)
    const { inspectKey } = await import('../src/api-keys/index.ts')
    const found = inspectKey(text === '-' ? await input.terminal.input() : text)
    if (found.kind === 'no_key') {
      answer(input, found, 'This is no API key.')
      return 1
    }
    const { environment, id } = found
    const isWhole = found.kind === 'key'
    const what = isWhole ? 'An API key' : 'Mistyped or cut: the checksum does not fit the API key'
    answer(input, found, `${what} ${id} of environment ${environment}.`)
    return isWhole ? 0 : 1
  },
}

const create: Command = {
  name: 'keys create',
  summary: 'Make an API key; it is shown this once.',
  options: {
    name: { type: 'string', value: 'TEXT', needed: true, help: 'What it is for.' },
    scope: {
      type: 'string',
      multiple: true,
      value: 'PERMISSION',
      help: 'What it may do, such as read:orders; may be given several times.',
    },
    expires: { type: 'string', value: 'DATE', help: 'When it ends, such as 2027-01-31.' },
    ip: { type: 'string', multiple: true, value: 'RANGE', help: 'From where it may be used.' },
    'limit-per-hour': { type: 'string', value: 'NUMBER', help: 'Requests an hour.' },
    ...ownerOptions,
    ...reasonOption,
    ...appOptions,
  },
  notes: `  holdfast keys create --app app.ts --service-account nightly --name export --scope read:orders
  Without --scope the answer names the scopes that the owner may give. Without --app neither the roles of
  your app nor its options \`apiKeys\` are known: what such a role holds cannot be given, and of the bounds
  the longest life and the most requests an hour alone are kept, by the app.`,
  run: async (input) => {
    const name = needed(input, 'name', 'keys create')
    const request = { name, ...requestOf(input) }
    tellOfBounds(input)
    const shown = await withAppSecurity(input, async (security) =>
      security.apiKeys.create(await ownerOf(security, input), request, operator(input)),
    )
    answerShown(input, shown)
    return 0
  },
}

const list: Command = {
  name: 'keys list',
  summary: 'List API keys, oldest first; never the keys themselves.',
  options: { ...ownerOptions, ...appOptions },
  run: async (input) => {
    const keys = await withAppSecurity(input, async (security) => {
      const isOne = Object.keys(ownerOptions).some((option) => input.values[option] !== undefined)
      const reach = isOne ? { ownerId: (await ownerOf(security, input)).id } : {}
      return everyKey(security, reach)
    })
    answer(input, keys, keys.length === 0 ? 'No API keys.' : columns(rowsOf(keys)))
    return 0
  },
}

const revoke: Command = {
  name: 'keys revoke',
  summary: 'End an API key at once, on every node within a second.',
  positionals: ['ID'],
  options: { ...reasonOption, ...developmentOption },
  run: async (input) => {
    const [id = ''] = input.positionals
    const key = await withSecurity(input, async ({ apiKeys }) => {
      await apiKeys.revoke(id, {}, operator(input))
      return apiKeys.get(id)
    })
    answer(input, key, `Ended ${key.name} (${key.id}).`)
    return 0
  },
}

const decoy: Command = {
  name: 'keys decoy',
  summary: 'Make a decoy: a key worth nothing, whose first use raises an alert.',
  options: {
    name: { type: 'string', value: 'TEXT', needed: true, help: 'Where it will lie.' },
    ...reasonOption,
    ...developmentOption,
  },
  notes: '  The alert goes to listeners, the audit log, and SECURITY_TEAM_EMAIL where it is set.',
  run: async (input) => {
    const name = needed(input, 'name', 'keys decoy')
    const shown = await withSecurity(input, ({ apiKeys }) =>
      apiKeys.createDecoy(name, operator(input)),
    )
    answerShown(input, shown)
    return 0
  },
}

/** Every command about API keys. */
export const keysCommands: readonly Command[] = [create, list, revoke, decoy, inspect]

/** Beside the answer, not in it: the key stands alone on standard output. */
function tellOfBounds(input: CommandInput): void {
  if (stringOption(input, 'app') !== undefined) return
  input.terminal.err(
    'holdfast: without --app the bounds of your app (its option apiKeys) and its roles are not known here. Better: --app FILE.',
  )
}

function needed(input: CommandInput, option: string, command: string): string {
  const value = stringOption(input, option)
  if (value === undefined) throw new UsageError(`holdfast ${command} needs --${option} TEXT.`)
  return value
}

async function ownerOf(security: Security, input: CommandInput): Promise<KeyOwner> {
  const [account, program, organisation] = Object.keys(ownerOptions).map((option) =>
    stringOption(input, option),
  )
  if ([account, program, organisation].filter((one) => one !== undefined).length !== 1) {
    throw new UsageError('Name one owner: --account, --service-account or --organisation.')
  }
  if (organisation !== undefined) {
    const found = await security.organisations.find(organisation)
    if (!found) throw new CommandFailure(`There is no organisation ${organisation}.`)
    return { kind: 'organisation', id: found.id }
  }
  if (program !== undefined) {
    return { kind: 'service_account', id: (await security.serviceAccounts.get(program)).id }
  }
  const found = await security.users.find(account ?? '')
  if (!found) throw new CommandFailure(`There is no account ${account}.`)
  return { kind: 'user', id: found.id }
}

function requestOf(input: CommandInput) {
  const { ip, scope } = input.values
  const expires = stringOption(input, 'expires')
  const limit = stringOption(input, 'limit-per-hour')
  return {
    ...(Array.isArray(scope) ? { scopes: scope } : {}),
    ...(Array.isArray(ip) ? { ipRanges: ip } : {}),
    ...(limit === undefined ? {} : { limitPerHour: Number(limit) }),
    ...(expires === undefined ? {} : { expiresAt: instantOf(expires) }),
  }
}

function instantOf(text: string): number {
  const instant = Date.parse(text)
  if (Number.isNaN(instant)) throw new UsageError('--expires is a date such as 2027-01-31.')
  return instant
}

async function everyKey(
  { apiKeys }: Security,
  reach: { readonly ownerId?: string },
): Promise<readonly ApiKeyView[]> {
  const all: ApiKeyView[] = []
  const limit = 500
  for (;;) {
    const last = all.at(-1)
    const after = last ? { after: { at: last.createdAt, id: last.id } } : {}
    const page = await apiKeys.search({ ...reach, ...after, limit })
    all.push(...page)
    if (page.length < limit) return all
  }
}

function rowsOf(keys: readonly ApiKeyView[]): string[][] {
  const head = ['NAME', 'OWNER', 'STATUS', 'SCOPES', 'LAST USED', 'ID']
  const rows = keys.map(({ decoy, id, lastUsedAt, name, owner, scopes, status }) => [
    name,
    decoy ? 'decoy' : `${owner.kind} ${owner.id}`,
    status,
    scopes.join(' '),
    lastUsedAt === null ? 'never' : new Date(lastUsedAt).toISOString(),
    id,
  ])
  return [head, ...rows]
}

/** The key stands alone on standard output, so that it can be piped to where it belongs. */
function answerShown(input: CommandInput, shown: ShownKey): void {
  answer(input, shown, shown.key)
  input.terminal.err(`holdfast: ${shown.apiKey.name} (${shown.apiKey.id}); it is not shown again.`)
}
