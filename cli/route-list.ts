import { readFileSync, writeFileSync } from 'node:fs'
import type {
  ControlMark,
  GuardMark,
  ManifestEntry,
  RoutePolicyMark,
} from '../src/adapters/express/index.ts'
import { CommandFailure } from './command.ts'
import { areControls } from './route-controls.ts'

/** What a guard asks for. */
export type GuardPolicy = GuardMark

/** A route of an app as it is written down. */
export interface ListedRoute {
  readonly method: string
  readonly path: string
  /** Null for a route that states none, which nobody can call. */
  readonly policy: RoutePolicyMark | null
  /** Middleware that every request passes. */
  readonly unclassified?: true
  /** What it asks for beside the policy; absent for nothing. */
  readonly controls?: readonly ControlMark[]
}

/** 3 knows the controls of a route; 2 the order of routes, which decides on who answers; 1 neither. */
const version = 3

/** Routes in the order in which a request passes them. */
export function listRoutes(entries: readonly ManifestEntry[]): readonly ListedRoute[] {
  return entries.map(listed)
}

function listed({ controls, method, path, policy, unclassified }: ManifestEntry): ListedRoute {
  const known = { method, path, policy: policy ?? null }
  return { ...known, ...(unclassified ? { unclassified } : {}), ...(controls ? { controls } : {}) }
}

/** One line a route, so that a review reads the change of one as one line. */
export function writeRoutes(file: string, routes: readonly ListedRoute[]): void {
  const lines = routes.map((route) => `    ${JSON.stringify(route)}`).join(',\n')
  const text = `{\n  "holdfastRoutes": ${version},\n  "routes": [\n${lines}\n  ]\n}\n`
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new CommandFailure(`${file} cannot be written: ${messageOf(error)}.`)
  }
}

/** Fails for a file that is not there, or that this version cannot compare: nothing is taken for granted. */
export function readRoutes(file: string): readonly ListedRoute[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw new CommandFailure(`There is no ${file} to compare with. Make it with --write.`)
  }
  const found = parsed(text)
  if (found) return found
  throw new CommandFailure(
    `${file} is no list of routes that this version reads. Make it anew with --write, and read what changed.`,
  )
}

function parsed(text: string): readonly ListedRoute[] | undefined {
  try {
    const { holdfastRoutes, routes } = JSON.parse(text) as Record<string, unknown>
    if (holdfastRoutes !== version || !Array.isArray(routes)) return undefined
    return routes.every(isRoute) ? routes : undefined
  } catch {
    return undefined
  }
}

function isRoute(value: unknown): value is ListedRoute {
  if (!isRecord(value)) return false
  const { controls = [], method, path, policy, unclassified } = value
  const isPlaced = typeof method === 'string' && typeof path === 'string'
  const isKnown = isFlag(unclassified) && areControls(controls)
  return isPlaced && isKnown && (policy === null || isPolicy(policy))
}

function isPolicy(policy: unknown): boolean {
  if (!isRecord(policy)) return false
  const { anyLevel, anyRole, kind, permission, resource } = policy
  if (kind === 'open') return true
  if (kind === 'webhook') return typeof policy.provider === 'string'
  if (kind === 'signed-in') return isFlag(anyLevel)
  if (!hasTerms(policy)) return false
  if (kind === 'permission') return typeof permission === 'string'
  if (kind === 'resource') return typeof resource === 'string'
  return (
    kind === 'roles' && Array.isArray(anyRole) && anyRole.every((one) => typeof one === 'string')
  )
}

function hasTerms({ level, object, organisation, rows, within }: Record<string, unknown>): boolean {
  const isText = (value: unknown) => value === undefined || typeof value === 'string'
  const isLevel = level === undefined || level === 1 || level === 2
  const isPlace = organisation === true || isText(organisation)
  return isLevel && isFlag(object) && isFlag(rows) && isPlace && isText(within)
}

function isFlag(value: unknown): boolean {
  return value === undefined || value === true
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
