import { didYouMean } from '../errors/index.ts'
import { formatDuration, parseDuration } from './duration.ts'
import type { Faults } from './faults.ts'
import { Secret } from './secret.ts'
import { weaknessOf } from './secrets.ts'
import { formatSize, parseSize } from './size.ts'

/** Where a value stands, and where to report what is wrong with it. */
export interface Place {
  readonly path: string
  readonly faults: Faults
}

/** What a value turned out to be: `undefined` when it was refused and reported. */
export type Reader = (value: unknown, place: Place) => unknown

/** One option that holds a value. */
export interface Leaf {
  readonly kind: 'leaf'
  /** What the configuration adds to the option's name. */
  readonly suffix: '' | 'Ms' | 'Bytes'
  /** In the form the option is written. Absent: the option is absent too unless it is given. */
  readonly fallback?: unknown
  readonly required?: boolean
  /** What may be written, for the reference. */
  readonly accepts: string
  readonly read: Reader
}

/** Options below one name. */
export interface Group {
  readonly kind: 'group'
  readonly fields: Readonly<Record<string, Field>>
  /** Absent from the configuration unless it is given. */
  readonly optional?: boolean
  /** `false` may be written instead. */
  readonly canBeOff?: boolean
  /** A text may be written for the option of this name. */
  readonly shorthand?: string
}

/** Names chosen by the app, each with the same kind of value. */
export interface Dictionary {
  readonly kind: 'dictionary'
  readonly names: RegExp
  readonly entry: Field
  readonly required?: boolean
  /** `false` may be written instead. */
  readonly canBeOff?: boolean
  readonly fallback?: Readonly<Record<string, unknown>>
}

export type Field = Leaf | Group | Dictionary

interface LeafDetails {
  readonly fallback?: unknown
  readonly required?: boolean
}

function leaf(accepts: string, read: Reader, details: LeafDetails = {}): Leaf {
  return { kind: 'leaf', suffix: '', accepts, read, ...details }
}

/** How a refused value is named in a message; texts are cut, objects only typed. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60))
  if (Array.isArray(value)) return 'a list'
  if (value === null || typeof value !== 'object') return String(value)
  return `an object of class ${value.constructor?.name || 'Object'}`
}

interface TextDetails extends LeafDetails {
  readonly max?: number
  readonly accepts?: string
  readonly flaw?: (value: string) => string | undefined
  /** Applied once nothing is wrong. */
  readonly normalise?: (value: string) => string
}

/** Text; `flaw` says what is wrong with it, completing "must ...". */
export function text(details: TextDetails = {}): Leaf {
  const { max = 200, flaw, accepts = 'text', normalise = String, ...rest } = details
  const read: Reader = (value, { path, faults }) => {
    if (typeof value !== 'string') return faults.add(path, `must be text, not ${shown(value)}.`)
    const problem = value.trim() === '' ? 'must not be empty.' : flaw?.(value)
    const tooLong = value.length > max ? `must have at most ${max} characters.` : undefined
    const control = /\p{Cc}/u.test(value)
      ? 'must not hold line ends or control characters.'
      : undefined
    const found = problem ?? tooLong ?? control
    return found === undefined ? normalise(value) : faults.add(path, found)
  }
  return leaf(accepts, read, rest)
}

/** One of the words in `choices`. */
export function oneOf(choices: readonly string[], fallback?: string): Leaf {
  const list = choices.map((choice) => `'${choice}'`).join(', ')
  const read: Reader = (value, { path, faults }) => {
    if (typeof value === 'string' && choices.includes(value)) return value
    const hint = typeof value === 'string' ? didYouMean(value, choices) : ''
    return faults.add(path, `must be one of ${list}, not ${shown(value)}.${hint}`)
  }
  return leaf(list, read, fallback === undefined ? {} : { fallback })
}

/** A whole number from `min` to `max`. */
export function whole(details: {
  min: number
  max: number
  fallback?: number
  required?: boolean
}): Leaf {
  const { min, max, ...rest } = details
  const read: Reader = (value, { path, faults }) => {
    if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max)
      return value
    const asNumber =
      typeof value === 'string' && /^\d+$/.test(value) ? ` Write ${value} without quotes.` : ''
    return faults.add(
      path,
      `must be a whole number from ${min} to ${max}, not ${shown(value)}.${asNumber}`,
    )
  }
  return leaf(`whole number, ${min} to ${max}`, read, rest)
}

/** A duration from `min` to `max`; milliseconds in the configuration. */
export function duration(details: {
  min: string
  max: string
  fallback?: string
  required?: boolean
}): Leaf {
  const { min, max, ...rest } = details
  const [least, most] = [parseDuration(min) ?? 0, parseDuration(max) ?? 0]
  const read: Reader = (value, { path, faults }) => {
    const ms = typeof value === 'string' ? parseDuration(value) : undefined
    if (ms !== undefined && ms >= least && ms <= most) return ms
    const what = ms === undefined ? "must be a duration such as '15m' (ms, s, m, h, d)" : 'must be'
    return faults.add(
      path,
      `${what} from ${min} to ${max}, not ${shown(value)}.${durationHint(value)}`,
    )
  }
  return { ...leaf(`duration, ${min} to ${max}`, read, rest), suffix: 'Ms' }
}

function durationHint(value: unknown): string {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  if (!Number.isSafeInteger(number) || (number as number) <= 0) return ''
  const ms = number as number
  return ` If milliseconds were meant write '${formatDuration(ms)}', if seconds '${formatDuration(ms * 1_000)}'.`
}

/** A number of bytes from `min` to `max`. */
export function size(details: { min: string; max: string; fallback: string }): Leaf {
  const { min, max, fallback } = details
  const [least, most] = [parseSize(min) ?? 0, parseSize(max) ?? 0]
  const read: Reader = (value, { path, faults }) => {
    const bytes = typeof value === 'string' ? parseSize(value) : undefined
    if (bytes !== undefined && bytes >= least && bytes <= most) return bytes
    const hint =
      Number.isSafeInteger(value) && (value as number) > 0
        ? ` Write '${formatSize(value as number)}'.`
        : ''
    return faults.add(
      path,
      `must be a size such as '100kb' (b, kb, mb) from ${min} to ${max}, not ${shown(value)}.${hint}`,
    )
  }
  return { ...leaf(`size, ${min} to ${max}`, read, { fallback }), suffix: 'Bytes' }
}

/** true or false. */
export function flag(fallback: boolean): Leaf {
  const read: Reader = (value, { path, faults }) =>
    typeof value === 'boolean'
      ? value
      : faults.add(path, `must be true or false, not ${shown(value)}.`)
  return leaf('true or false', read, { fallback })
}

/** A list whose items are read by `item`; an item given twice is refused. */
export function list(item: Leaf, details: LeafDetails = { fallback: [] }): Leaf {
  const read: Reader = (value, { path, faults }) => {
    if (!Array.isArray(value)) return faults.add(path, `must be a list, not ${shown(value)}.`)
    if (value.length > 1_000) return faults.add(path, 'must have at most 1000 entries.')
    return value.map((entry, index) => {
      const place = { path: `${path}[${index}]`, faults }
      if (value.indexOf(entry) < index) faults.add(place.path, 'is there twice. Remove one.')
      return item.read(entry, place)
    })
  }
  return leaf(`list of ${item.accepts}`, read, details)
}

/** A secret of at least 32 random bytes. The value itself never stands in a message. */
export function strongSecret(details: LeafDetails & { advice: string }): Leaf {
  const { advice, ...rest } = details
  const read: Reader = (value, { path, faults }) => {
    if (value === undefined) return faults.add(path, `is missing. ${advice}`)
    if (typeof value !== 'string') return faults.add(path, `must be text. ${advice}`)
    const weakness = weaknessOf(value)
    return weakness === undefined ? new Secret(value) : faults.add(path, `${weakness}. ${advice}`)
  }
  return leaf('secret, 32 random bytes or more', read, rest)
}

/** A secret that somebody else made, so nothing is asked of its strength. */
export function secretText(details: { readonly max: number }): Leaf {
  const plain = text({ max: details.max })
  const read: Reader = (value, place) => {
    const hidden = typeof value === 'string' ? value : undefined
    if (hidden === undefined) return place.faults.add(place.path, 'must be text.')
    const checked = plain.read(hidden, place)
    return typeof checked === 'string' ? new Secret(checked) : checked
  }
  return leaf('secret', read)
}

/** An address that may hold a password; `schemes` without the colon. */
export function secretUrl(schemes: readonly string[], example: string): Leaf {
  const read: Reader = (value, { path, faults }) => {
    const scheme = typeof value === 'string' ? /^([a-z]+):/.exec(value)?.[1] : undefined
    if (scheme !== undefined && schemes.includes(scheme) && isAddress(value as string)) {
      return new Secret(value as string)
    }
    const hint = scheme === undefined ? '' : didYouMean(scheme, schemes)
    return faults.add(path, `must be an address such as ${example} (${schemes.join(', ')}).${hint}`)
  }
  return leaf(`address (${schemes.join(', ')})`, read)
}

function isAddress(value: string): boolean {
  if (/^(?:sqlite|file):./.test(value)) return !/\p{Cc}/u.test(value)
  return URL.canParse(value) && new URL(value).hostname !== ''
}

/** An object of the app's that has these methods. It is passed through untouched. */
export function port(methods: readonly string[], accepts: string): Leaf {
  const read: Reader = (value, { path, faults }) => {
    const missing = methods.filter((name) => typeof member(value, name) !== 'function')
    if (missing.length === 0) return value
    return faults.add(
      path,
      `must be ${accepts}: ${missing.map((name) => `${name}()`).join(', ')} missing.`,
    )
  }
  return leaf(accepts, read)
}

/** A function of the app's. */
export function callback(): Leaf {
  return leaf('function', (value, { path, faults }) =>
    typeof value === 'function'
      ? value
      : faults.add(path, `must be a function, not ${shown(value)}.`),
  )
}

/** `false`, or what `inner` reads. */
export function orOff(inner: Leaf): Leaf {
  const read: Reader = (value, place) => (value === false ? false : inner.read(value, place))
  return { ...inner, read, accepts: `${inner.accepts}, or false` }
}

function member(value: unknown, name: string): unknown {
  const holds = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return holds ? Reflect.get(value, name) : undefined
}
