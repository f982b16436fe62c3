import { didYouMean, suggest } from '../errors/index.ts'
import type { Dictionary, Field, Group, Leaf, Place } from './fields.ts'
import { shown } from './fields.ts'
import { successorOf } from './successors.ts'

/** A value as it was given, and what stands for it where it was not. */
export interface Given {
  readonly value: unknown
  /** From the profile or derived from other options; weaker than `value`, stronger than the table. */
  readonly fallback: unknown
}

type Plain = Readonly<Record<string, unknown>>

/** Reads a group with all its members; unknown names are reported with what was probably meant. */
export function readGroup(group: Group, given: Given, place: Place): Plain | undefined {
  const value = given.value === undefined ? {} : given.value
  if (!isPlain(value)) {
    place.faults.add(place.path || 'options', `must be a plain object, not ${shown(value)}.`)
    return undefined
  }
  reportUnknown(group, value, place)
  const fallback = isPlain(given.fallback) ? given.fallback : {}
  const read: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(group.fields)) {
    const member = { value: own(value, name), fallback: own(fallback, name) }
    const found = readField(field, member, { ...place, path: join(place.path, name) })
    if (found !== undefined) read[outputName(name, field)] = found
  }
  return Object.freeze(read)
}

function readField(field: Field, given: Given, place: Place): unknown {
  if (field.kind === 'leaf') return readLeaf(field, given, place)
  if (field.kind === 'dictionary') return readDictionary(field, given, place)
  if (field.canBeOff && given.value === false) return false
  if (field.optional && given.value === undefined) return undefined
  const short = field.shorthand !== undefined && typeof given.value === 'string'
  return readGroup(
    field,
    short ? { ...given, value: { [String(field.shorthand)]: given.value } } : given,
    place,
  )
}

function readLeaf(leaf: Leaf, given: Given, place: Place): unknown {
  const value = [given.value, given.fallback, leaf.fallback].find((one) => one !== undefined)
  if (value !== undefined) return freeze(leaf.read(value, place))
  if (leaf.required) leaf.read(undefined, place)
  return undefined
}

function freeze(read: unknown): unknown {
  return Array.isArray(read) ? Object.freeze(read) : read
}

function readDictionary(field: Dictionary, given: Given, place: Place): unknown {
  if (field.canBeOff && given.value === false) return false
  const value = given.value === undefined && !field.required ? (field.fallback ?? {}) : given.value
  if (!isPlain(value)) {
    return place.faults.add(
      place.path,
      `must be an object of names and values, not ${shown(value)}.`,
    )
  }
  const read: Record<string, unknown> = Object.create(null)
  for (const name of Object.keys(value)) {
    const path = join(place.path, name)
    if (!field.names.test(name)) place.faults.add(path, 'is not a possible name here.')
    else
      read[name] = readField(
        field.entry,
        { value: value[name], fallback: undefined },
        { ...place, path },
      )
  }
  return Object.freeze(read)
}

function reportUnknown(group: Group, value: Plain, { path, faults }: Place): void {
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(group.fields, name)) continue
    faults.add(join(path, name), successorOf(name) ?? `is not an option.${hint(group, name)}`)
  }
}

/** The neighbour that was probably meant. */
function hint(group: Group, name: string): string {
  const names = Object.keys(group.fields)
  return suggest(name, names) === undefined
    ? ` Known here: ${names.join(', ')}.`
    : didYouMean(name, names)
}

function outputName(name: string, field: Field): string {
  return field.kind === 'leaf' ? `${name}${field.suffix}` : name
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function own(value: Plain, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined
}

/** Written as `{ ... }`: an instance of a class is never taken for options. */
function isPlain(value: unknown): value is Plain {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
