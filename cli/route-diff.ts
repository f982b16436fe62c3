import { parseDuration } from '../src/config/index.ts'
import { patternCovers } from '../src/permissions/index.ts'
import { controlOpenings, controlText } from './route-controls.ts'
import type { GuardPolicy, ListedRoute } from './route-list.ts'
import { commonMethod, keyOf, type Overtaken, overtakings } from './route-order.ts'

/** A route of which more people may get through than before, and why. */
export interface Opening {
  readonly method: string
  readonly path: string
  /** Absent for a route that is new. */
  readonly before?: ListedRoute
  readonly after: ListedRoute
  /** Each a clause about the route. */
  readonly reasons: readonly string[]
}

/** How the routes of an app differ from those that were written down. */
export interface RouteDiff {
  readonly opened: readonly Opening[]
  /** Routes that changed and let nobody in who was not let in before. */
  readonly changed: readonly ListedRoute[]
  readonly gone: readonly ListedRoute[]
}

/**
 * Compares routes with those written down, both in the order in which a request passes them, by method and
 * path; the first of two that look alike stands for the first. A route is also more open when requests
 * reach it that another answered, or middleware let through, and which asked for more. What cannot be
 * compared, such as a role with a permission, counts as an opening.
 */
export function diffRoutes(
  before: readonly ListedRoute[],
  after: readonly ListedRoute[],
): RouteDiff {
  const { gone, places } = placesOf(before, after)
  const overtaken = overtakings({ before, after, places })
  const opened: Opening[] = []
  const changed: ListedRoute[] = []
  for (const [at, route] of after.entries()) {
    const known = before[places[at] ?? -1]
    const { method, path } = route
    const reasons = known
      ? [...openings(known, route), ...orderOpenings(overtaken[at] ?? [], route)]
      : [newRoute(route)]
    const place = { method, path, ...(known ? { before: known } : {}) }
    if (reasons.length > 0) opened.push({ ...place, after: route, reasons })
    else if (known && JSON.stringify(known) !== JSON.stringify(route)) changed.push(route)
  }
  return { opened, changed, gone }
}

/** For each route its place in the list before, and what of that list is gone. */
function placesOf(before: readonly ListedRoute[], after: readonly ListedRoute[]) {
  const left = new Map<string, number[]>()
  for (const [at, route] of before.entries()) {
    left.set(keyOf(route), [...(left.get(keyOf(route)) ?? []), at])
  }
  const places = after.map((route) => left.get(keyOf(route))?.shift())
  const stay = new Set(places)
  return { places, gone: before.filter((_, at) => !stay.has(at)) }
}

/** One reason for those that come later now and one for those that are gone: the first of each, and how many. */
function orderOpenings(overtaken: readonly Overtaken[], route: ListedRoute): readonly string[] {
  const weaker = overtaken.filter((other) => asksForLess(other.route, route))
  const [gone, later] = [true, false].map((isGone) => weaker.filter((one) => one.isGone === isGone))
  return [
    ...overtakingText('now comes before', later),
    ...overtakingText('takes the place of what is gone:', gone),
  ].map((text) => `${text} -> ${accessOf(route)}`)
}

function overtakingText(verb: string, [first, ...others]: readonly Overtaken[] = []) {
  if (!first) return []
  const more = others.length > 0 ? ` and ${others.length} more` : ''
  return [`${verb} ${keyOf(first.route)}${more}: ${accessOf(first.route)}`]
}

/** Whether somebody may get through `now` whom `old` would have stopped. */
function asksForLess(old: ListedRoute, now: ListedRoute): boolean {
  const method = commonMethod(old, now)
  // What middleware without a policy asks for, only the app knows.
  if (old.unclassified) return !now.unclassified && reachOf(now) > 0
  if (now.unclassified) return old.policy?.kind !== 'open'
  return openings({ ...old, method }, { ...now, method }).length > 0
}

/** Who may call a route, and what it asks for beside, in a few words. */
export function accessOf(route: ListedRoute): string {
  return [whoOf(route), ...(route.controls ?? []).map(controlText)].join('; ')
}

function whoOf({ policy, unclassified }: ListedRoute): string {
  if (unclassified) return 'middleware of every path'
  if (!policy) return 'nobody (it states no policy)'
  if (policy.kind === 'open') return 'everybody'
  if (policy.kind === 'webhook') return `deliveries of ${policy.provider}`
  if (policy.kind === 'signed-in') return policy.anyLevel ? 'signed in, at any level' : 'signed in'
  return guardText(policy)
}

function guardText(policy: GuardPolicy): string {
  const asked =
    policy.kind === 'permission'
      ? policy.permission
      : policy.kind === 'resource'
        ? `${policy.resource} by method`
        : `roles ${policy.anyRole.join(', ')}`
  const { level, object, organisation, rows, within } = policy
  const terms = [
    ...(organisation ? [`in organisation ${placeOf(organisation)}`] : []),
    ...(rows ? ['for some rows'] : []),
    ...(object ? ['for the object'] : []),
    ...(within ? [`proof within ${within}`] : []),
    ...(level ? [`level ${level}`] : []),
  ]
  return [asked, ...terms].join(', ')
}

function newRoute(route: ListedRoute): string {
  return `is new: ${accessOf(route)}`
}

/** Of a route that nobody can call, or that every request passes, no control is missed. */
function openings(before: ListedRoute, after: ListedRoute): readonly string[] {
  const isCalled = reachOf(after) > 0 && !after.unclassified
  const lost = isCalled ? controlOpenings(before.controls, after.controls) : []
  return [...policyOpenings(before, after), ...lost]
}

function policyOpenings(before: ListedRoute, after: ListedRoute): readonly string[] {
  const [old, now] = [reachOf(before), reachOf(after)]
  const change = `${whoOf(before)} -> ${whoOf(after)}`
  if (now > old) return [`${now < guarded ? 'is no longer closed' : wordOf(old, now)}: ${change}`]
  if (now !== guarded) return []
  if (now < old) return keyOpenings(before, after)
  return guardOpenings(before, after)
}

/** A session is asked for by everything but permissions without a recent proof: those admit keys too. */
function keyOpenings(before: ListedRoute, after: ListedRoute): readonly string[] {
  const policy = after.policy as GuardPolicy
  const asksForSession = policy.kind === 'roles' || policy.within !== undefined
  if (before.policy?.kind !== 'signed-in' || asksForSession) return []
  return [`admits API keys, and not sessions alone: ${whoOf(before)} -> ${guardText(policy)}`]
}

const guarded = 2

/** How far a kind of policy lets people in: the more, the farther. */
function reachOf({ policy, unclassified }: ListedRoute): number {
  if (unclassified) return 6
  const kind = policy?.kind
  if (kind === undefined) return 0
  if (kind === 'open') return 5
  if (kind === 'signed-in') return (policy as { anyLevel?: true }).anyLevel ? 4 : 3
  return guarded
}

function wordOf(old: number, now: number): string {
  if (old === 0) return 'is no longer closed'
  if (now >= 5) return 'is open to everybody'
  return old === guarded ? 'has lost its guard' : 'admits sessions below the level of their account'
}

function guardOpenings(before: ListedRoute, after: ListedRoute): readonly string[] {
  const [old, now] = [before.policy as GuardPolicy, after.policy as GuardPolicy]
  return [
    askedOpening(before.method, old, now),
    rowsOpening(old, now),
    organisationOpening(old, now),
    ...proofOpenings(old, now),
  ].filter((reason) => reason !== undefined)
}

/** A method that reads, one that writes, one that deletes, and one that a resource has no action for. */
const methodsOfAll = ['GET', 'POST', 'DELETE', 'OPTIONS']

function askedOpening(method: string, old: GuardPolicy, now: GuardPolicy): string | undefined {
  if (old.kind === 'roles' && now.kind === 'roles') {
    const added = now.anyRole.filter((role) => !old.anyRole.includes(role))
    return added.length > 0 ? `admits further roles: ${added.join(', ')}` : undefined
  }
  if (old.kind === 'roles' || now.kind === 'roles') {
    const what =
      old.kind === 'roles' ? 'a permission instead of roles' : 'roles instead of a permission'
    return `asks for ${what}, which cannot be compared: ${guardText(old)} -> ${guardText(now)}`
  }
  const methods = method === 'ALL' || method === 'USE' ? methodsOfAll : [method]
  for (const one of methods) {
    const [wanted, given] = [permissionOf(old, one), permissionOf(now, one)]
    if (given === undefined || (wanted !== undefined && patternCovers(given, wanted))) continue
    return `asks for ${given} and no longer for ${wanted ?? `what nobody holds (${one})`}, which its holders need not hold`
  }
  return undefined
}

const actions: Readonly<Record<string, string>> = {
  ...{ GET: 'read', HEAD: 'read', POST: 'write', PUT: 'write', PATCH: 'write', DELETE: 'delete' },
}

function permissionOf(policy: GuardPolicy, method: string): string | undefined {
  if (policy.kind === 'permission') return policy.permission
  if (policy.kind === 'roles' || !Object.hasOwn(actions, method)) return undefined
  return `${actions[method]}:${policy.resource}`
}

/** Without either the permission has to hold whatever the row; `rows` leaves it to the handler. */
function rowsOpening(old: GuardPolicy, now: GuardPolicy): string | undefined {
  const width = ({ object, rows }: GuardPolicy) => (rows ? 2 : object ? 1 : 0)
  if (width(now) <= width(old)) return undefined
  return now.rows
    ? 'admits whoever holds the permission for some rows'
    : 'admits whoever holds the permission for the object alone'
}

function organisationOpening(old: GuardPolicy, now: GuardPolicy): string | undefined {
  if (old.organisation === now.organisation) return undefined
  if (now.organisation === undefined) return 'asks for no member of an organisation any more'
  if (old.organisation === undefined) {
    return `counts roles held in the organisation ${placeOf(now.organisation)} too`
  }
  return `takes the organisation from ${placeOf(now.organisation)} and no longer from ${placeOf(old.organisation)}`
}

/** The parameter, or header or host. */
function placeOf(organisation: string | true): string {
  return organisation === true ? 'of the request' : `:${organisation}`
}

function proofOpenings(old: GuardPolicy, now: GuardPolicy): readonly string[] {
  const age = ({ within }: GuardPolicy) =>
    within === undefined ? Number.POSITIVE_INFINITY : (parseDuration(within) ?? 0)
  const [level, next] = [old.level ?? 1, now.level ?? 1]
  return [
    ...(age(now) <= age(old)
      ? []
      : [
          now.within
            ? `takes an older proof: ${old.within} -> ${now.within}`
            : `asks for no recent proof any more (${old.within})`,
        ]),
    ...(next < level ? [`asks for level ${next} and no longer for level ${level}`] : []),
  ]
}
