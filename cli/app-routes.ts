import { resolve } from 'node:path'
import { loadApp } from './app-module.ts'
import { answer, CommandFailure, type CommandInput, stringOption, UsageError } from './command.ts'
import { columns } from './help.ts'

import { accessOf, diffRoutes, type Opening, type RouteDiff } from './route-diff.ts'
import { type ListedRoute, listRoutes, readRoutes, writeRoutes } from './route-list.ts'

/** Lists the routes of an app, writes them down, or compares them with what was written; 1 where one became more open. */
export async function appRoutes(input: CommandInput, file: string): Promise<number> {
  const { cwd } = input.terminal
  const [write, diff] = [stringOption(input, 'write'), stringOption(input, 'diff')]
  if (write !== undefined && diff !== undefined) {
    throw new UsageError('--write would lose what --diff compares with. Write one of them.')
  }
  const before = diff === undefined ? undefined : readRoutes(resolve(cwd, diff))
  const routes = await routesOf(file, cwd)
  if (before) return compare(input, before, routes)
  if (write !== undefined) writeRoutes(resolve(cwd, write), routes)
  const lines = routes.map((one) => [one.method, one.path, accessOf(one)])
  const text = write === undefined ? columns(lines) : `${routes.length} routes written to ${write}.`
  answer(input, routes, text)
  return 0
}

async function routesOf(file: string, cwd: string): Promise<readonly ListedRoute[]> {
  const { app, security } = await loadApp(file, cwd)
  try {
    const routes = listRoutes(security.manifest(app))
    // An app that another security protects would look empty, and nothing could ever open.
    if (routes.length === 0) throw new CommandFailure(`The app of ${file} has no routes.`)
    return routes
  } finally {
    await security.close()
  }
}

function compare(
  input: CommandInput,
  before: readonly ListedRoute[],
  after: readonly ListedRoute[],
): number {
  const diff = diffRoutes(before, after)
  answer(input, diff, textOf(diff))
  const isOutdated = diff.opened.length + diff.changed.length + diff.gone.length > 0
  if (isOutdated) input.terminal.err('holdfast: when this is meant, write it down with --write.')
  return diff.opened.length > 0 ? 1 : 0
}

function textOf({ changed, gone, opened }: RouteDiff): string {
  const lines = [
    ...opened.flatMap(linesOf),
    ...changed.map((route) => `changed      ${placeOf(route)}: ${accessOf(route)}`),
    ...gone.map((route) => `gone         ${placeOf(route)}`),
  ]
  return lines.length > 0 ? lines.join('\n') : 'No route has changed.'
}

function linesOf(opening: Opening): readonly string[] {
  return opening.reasons.map((reason) => `MORE OPEN    ${placeOf(opening)} ${reason}`)
}

function placeOf({ method, path }: { readonly method: string; readonly path: string }): string {
  return `${method} ${path}`
}
