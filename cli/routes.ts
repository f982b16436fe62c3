import { generateSecrets } from '../src/config/index.ts'
import type { Route, RoutePolicy } from '../src/http/index.ts'
import { answer, type Command } from './command.ts'
import { columns } from './help.ts'
import { readSettings } from './settings.ts'

export const routes: Command = {
  name: 'routes',
  summary: "List the routes of Holdfast's own API and who may call each.",
  options: {},
  notes: 'It needs neither the database nor the secrets.',
  async run(input) {
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
        columns(manifest.map((one) => [one.method, one.path, one.access, one.summary])),
      )
      return 0
    } finally {
      await security.close()
    }
  },
}

interface Entry {
  readonly method: string
  readonly path: string
  /** `public`, `signed-in`, or the permission that is needed. */
  readonly access: string
  readonly summary: string
}

function entryOf({ method, path, policy, summary }: Route): Entry {
  return { method, path, access: accessOf(policy), summary }
}

function accessOf(policy: RoutePolicy): string {
  return policy.kind === 'permission' ? policy.permission : policy.kind
}

function byPath(a: Entry, b: Entry): number {
  const [left, right] = [`${a.path} ${a.method}`, `${b.path} ${b.method}`]
  return left < right ? -1 : left > right ? 1 : 0
}
