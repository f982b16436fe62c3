import { generateSecrets } from '../src/config/index.ts'
import type { Route, RoutePolicy } from '../src/http/index.ts'
import { appRoutes } from './app-routes.ts'
import { answer, type Command, type CommandInput, stringOption, UsageError } from './command.ts'
import { columns } from './help.ts'
import { readSettings } from './settings.ts'

export const routes: Command = {
  name: 'routes',
  summary: "List the routes of Holdfast's own API, or of an app, and who may call each.",
  options: {
    app: {
      type: 'string',
      value: 'FILE',
      help: 'List the routes of the Express app that this file exports, with its security.',
    },
    write: {
      type: 'string',
      value: 'FILE',
      help: 'Write them down, to be committed and compared with.',
    },
    diff: {
      type: 'string',
      value: 'FILE',
      help: 'Compare them with what was written; exit code 1 when a route is new or became more open.',
    },
  },
  notes:
    'The file exports `app` and `security`, or a function createApp that returns both, and does not listen by itself; it sees .env as it would when it is started.\n\nA route marked step-up asks for a recent proof of who is calling, by a second factor where there is one. Without --app the command needs neither the database nor the secrets.',
  async run(input) {
    const app = stringOption(input, 'app')
    if (app !== undefined) return appRoutes(input, app)
    const lost = ['write', 'diff'].find((name) => input.values[name] !== undefined)
    if (lost !== undefined) throw new UsageError(`--${lost} needs --app FILE.`)
    return ownRoutes(input)
  },
}

async function ownRoutes(input: CommandInput): Promise<number> {
  const { options } = readSettings(input.terminal, { dev: false })
  const { createSecurity } = await import('../src/security.ts')
  const security = createSecurity({
    baseUrl: 'http://localhost:3000',
    ...options,
    ...generateSecrets(),
    database: 'sqlite::memory:',
    logLevel: 'error',
  })
  try {
    await security.ready()
    const manifest = security.routes.map(entryOf).sort(byPath)
    answer(
      input,
      manifest,
      columns(manifest.map((one) => [one.method, one.path, whoOf(one), one.summary])),
    )
    return 0
  } finally {
    await security.close()
  }
}

interface Entry {
  readonly method: string
  readonly path: string
  /** `public`, `signed-in`, the permission that is needed, or `member` of the organisation with it. */
  readonly access: string
  /** Whether it asks for a recent proof as well, by a second factor where there is one. */
  readonly stepUp: boolean
  readonly summary: string
}

function entryOf({ method, path, policy, stepUp, summary }: Route): Entry {
  return { method, path, access: accessOf(policy), stepUp: stepUp === true, summary }
}

function whoOf({ access, stepUp }: Entry): string {
  return stepUp ? `${access}, step-up` : access
}

function accessOf(policy: RoutePolicy): string {
  if (policy.kind === 'permission') return policy.permission
  if (policy.kind !== 'member') return policy.kind
  return policy.permission === undefined ? 'member' : `member, ${policy.permission}`
}

function byPath(a: Entry, b: Entry): number {
  const [left, right] = [`${a.path} ${a.method}`, `${b.path} ${b.method}`]
  return left < right ? -1 : left > right ? 1 : 0
}
