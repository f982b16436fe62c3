import { posix } from 'node:path'
import type { Source } from './source.ts'

/**
 * The house, from the ground up. A module may import rooms of the rows above its own (the lower
 * storeys) and nothing else; rooms of one row do not know each other.
 */
export const layers: readonly (readonly string[])[] = [
  ['errors'],
  ['ports'],
  ['conditions'],
  ['permissions'],
  ['crypto', 'config'],
  ['database'],
  ['events', 'jobs', 'revocation'],
  ['http'],
  ['contract.ts', 'version.ts'],
  [
    'contract-accounts.ts',
    'contract-factors.ts',
    'contract-access.ts',
    'contract-organisations.ts',
    'contract-keys.ts',
    'contract-shadow.ts',
    'contract-webhooks.ts',
    'contract-csp.ts',
    'contract-ip-rules.ts',
  ],
  [
    ...['audit', 'mail', 'limits', 'throttle', 'devices', 'captcha', 'users', 'assurance', 'rows'],
    ...['shadow', 'ip-rules'],
  ],
  ['access'],
  ['passwords', 'factors', 'passkeys', 'sessions', 'organisations'],
  ['api-keys'],
  ['vault', 'webhooks', 'signatures', 'input', 'detection', 'uploads', 'fetching', 'csp'],
  ['shield'],
  ['sign-up', 'enrolment'],
  ['sign-in', 'recovery'],
  ['notices', 'watch', 'admin', 'imports', 'health', 'pages'],
  ['app.ts', 'openapi.ts'],
  ['composition'],
  [
    'security.ts',
    'index-config.ts',
    'index-csp.ts',
    'index-signed.ts',
    'index-input.ts',
    'index-transport.ts',
    'index-webhooks.ts',
    'index-accounts.ts',
    'index-addresses.ts',
  ],
  ['index.ts'],
  ['adapters', 'client'],
  ['testing'],
]

/** The one second door: only sign-in may issue sessions. */
const secondDoor = { path: 'sessions/issue.ts', opensTo: 'sign-in' }

/** The room of a module below src/, or the file itself when it stands in none. */
export function roomOf(path: string): string {
  return path.split('/')[1] ?? ''
}

/** Paths of the project's own modules that `source` imports. */
export function importedPaths(source: Source): { path: string; line: number; names: string }[] {
  return source.imports
    .filter((module) => module.specifier.startsWith('.'))
    .map(({ specifier, line, names }) => ({
      path: posix.join(posix.dirname(source.path), specifier),
      line,
      names,
    }))
}

/** Why `from` may not import `target`, or undefined when it may. */
export function refusedImport(from: string, target: string): string | undefined {
  if (!target.startsWith('src/')) return `${target} is outside src/`
  const [room, other] = [roomOf(from), roomOf(target)]
  if (room === other) return undefined
  if (storey(room) === undefined) return `${room} has no place in the table of layers`
  if (storey(other) === undefined) return `${other} has no place in the table of layers`
  if (Number(storey(other)) >= Number(storey(room))) return `${room} may not know ${other}`
  return isDoor(target, room) ? undefined : `${other} is entered by its index.ts alone`
}

function storey(room: string): number | undefined {
  const index = layers.findIndex((row) => row.includes(room))
  return index < 0 ? undefined : index
}

function isDoor(target: string, room: string): boolean {
  const inside = target.slice('src/'.length)
  if (!inside.includes('/')) return true
  if (inside === secondDoor.path) return room === secondDoor.opensTo
  return /^[^/]+\/index\.ts$/.test(inside)
}

/** Rooms that can be reached from themselves, as paths through the graph. */
export function findCycles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const cycles: string[] = []
  const done = new Set<string>()
  const visit = (room: string, trail: readonly string[]): void => {
    const seen = trail.indexOf(room)
    if (seen >= 0) cycles.push([...trail.slice(seen), room].join(' -> '))
    if (seen >= 0 || done.has(room)) return
    for (const next of graph.get(room) ?? []) visit(next, [...trail, room])
    done.add(room)
  }
  for (const room of graph.keys()) visit(room, [])
  return cycles
}

/** Which room imports which. */
export function roomGraph(sources: readonly Source[]): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>()
  for (const source of sources) {
    const room = roomOf(source.path)
    const known = graph.get(room) ?? new Set()
    graph.set(room, known)
    for (const { path } of importedPaths(source)) {
      if (path.startsWith('src/') && roomOf(path) !== room) known.add(roomOf(path))
    }
  }
  return graph
}
