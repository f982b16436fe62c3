import { isPattern } from '../access/index.ts'
import { commonErrors, type FieldFault } from '../errors/index.ts'
import { compileIpRanges } from '../http/index.ts'

/** What is said of a new key. */
export interface NewApiKey {
  /** What it is for, to people; at most 100 characters. */
  readonly name: string
  /** Permission patterns. There is no default: a key is for something. */
  readonly scopes?: readonly string[] | undefined
  /** Epoch milliseconds; absent: the longest life that the options allow. */
  readonly expiresAt?: number | undefined
  /** Addresses and ranges that it may be used from; absent: any. */
  readonly ipRanges?: readonly string[] | undefined
  readonly limitPerHour?: number | undefined
  /** Of the app, at most 8 KB of JSON. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

/** What options allow. */
export interface KeyBounds {
  readonly now: number
  readonly maxLifetimeMs: number | undefined
  readonly maxLimitPerHour: number
}

const metadataBytes = 8_192
const mostScopes = 100
const mostRanges = 50

/** Throws `invalid_request` with every fault of what is said of a key; its scopes are judged with its owner. */
export function checkRequest(input: NewApiKey, bounds: KeyBounds): void {
  const faults = [
    ...unknownFaults(input),
    ...nameFaults(input.name),
    ...scopeFaults(input.scopes ?? []),
    ...expiryFaults(input.expiresAt, bounds),
    ...rangeFaults(input.ipRanges),
    ...limitFaults(input.limitPerHour, bounds.maxLimitPerHour),
    ...metadataFaults(input.metadata),
  ]
  if (faults.length === 0) return
  const explanation = faults.map(({ detail, pointer }) => `${pointer}: ${detail}`).join(' ')
  throw commonErrors.invalid_request({ faults, explanation })
}

/** When a key ends that is asked for now; null for never. */
export function expiryOf(
  { expiresAt }: NewApiKey,
  { maxLifetimeMs, now }: KeyBounds,
): number | null {
  return expiresAt ?? (maxLifetimeMs === undefined ? null : now + maxLifetimeMs)
}

function fault(field: string, code: string, detail: string): FieldFault[] {
  return [{ pointer: `#/body/${field}`, code, detail }]
}

const known: Readonly<Record<keyof NewApiKey, true>> = Object.freeze({
  ...{ name: true, scopes: true, expiresAt: true, ipRanges: true },
  ...{ limitPerHour: true, metadata: true },
})

/** A bound that was misspelt would bind nothing. */
function unknownFaults(input: NewApiKey): FieldFault[] {
  const unknown = Object.keys(input).filter((name) => !Object.hasOwn(known, name))
  return unknown.flatMap((name) =>
    fault(
      name,
      'unknown_field',
      `There is no such field; there are ${Object.keys(known).join(', ')}.`,
    ),
  )
}

function nameFaults(name: string): FieldFault[] {
  const fits = typeof name === 'string' && name.trim() !== '' && name.length <= 100
  if (fits && !/\p{Cc}/u.test(name)) return []
  return fault('name', 'invalid_name', 'A name is 1 to 100 characters on one line.')
}

function scopeFaults(scopes: readonly string[]): FieldFault[] {
  if (scopes.length > mostScopes) {
    return fault('scopes', 'too_many', `A key has ${mostScopes} scopes at most.`)
  }
  return scopes.flatMap((scope, at) =>
    isPattern(scope)
      ? []
      : fault(`scopes/${at}`, 'invalid_scope', "A scope is 'action:resource', as roles hold it."),
  )
}

function expiryFaults(
  expiresAt: number | undefined,
  bounds: Pick<KeyBounds, 'maxLifetimeMs' | 'now'>,
): FieldFault[] {
  if (expiresAt === undefined) return []
  const { maxLifetimeMs, now } = bounds
  if (!Number.isSafeInteger(expiresAt) || expiresAt <= now) {
    return fault('expiresAt', 'in_the_past', 'This end lies in the future, in epoch milliseconds.')
  }
  if (maxLifetimeMs === undefined || expiresAt <= now + maxLifetimeMs) return []
  return fault('expiresAt', 'too_late', 'The options of this service let no key live that long.')
}

/** Throws `invalid_request` for the end of a role that is not to come. */
export function checkRoleEnd(expiresAt: number | undefined, now: number): void {
  const faults = expiryFaults(expiresAt, { now, maxLifetimeMs: undefined })
  if (faults.length > 0) throw commonErrors.invalid_request({ faults })
}

function rangeFaults(ranges: readonly string[] | undefined): FieldFault[] {
  if (ranges === undefined) return []
  if (ranges.length === 0 || ranges.length > mostRanges) {
    const detail = `Name 1 to ${mostRanges} addresses or ranges, or leave this out.`
    return fault('ipRanges', 'invalid_range', detail)
  }
  return ranges.flatMap((range, at) =>
    compileIpRanges([range]).ok
      ? []
      : fault(`ipRanges/${at}`, 'invalid_range', "Write '203.0.113.7' or '203.0.113.0/24'."),
  )
}

function limitFaults(limit: number | undefined, most: number): FieldFault[] {
  if (limit === undefined || (Number.isSafeInteger(limit) && limit >= 1 && limit <= most)) return []
  return fault('limitPerHour', 'invalid_limit', `A whole number from 1 to ${most}.`)
}

function metadataFaults(metadata: NewApiKey['metadata']): FieldFault[] {
  if (metadata === undefined) return []
  if (Buffer.byteLength(JSON.stringify(metadata)) <= metadataBytes) return []
  return fault('metadata', 'too_large', 'Metadata is at most 8 KB of JSON.')
}
