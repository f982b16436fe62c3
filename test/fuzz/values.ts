import type { Chance } from './chance.ts'
import type { Schema } from './operations.ts'

/** What the fuzzer knows of the site, so that some of what it sends names something real. */
export interface World {
  readonly emails: readonly string[]
  readonly userIds: readonly string[]
  readonly sessionIds: readonly string[]
  readonly tokens: readonly string[]
  readonly roles: readonly string[]
  readonly password: string
}

const unknownId = '01980000-0000-7000-8000-00000000dead'

/** Texts that readers, databases, shells and pages stumble over. */
export const hostileTexts: readonly string[] = [
  '',
  ' ',
  "O'Brien",
  "' or 1=1 --",
  '"; drop table hf_users; --',
  '1 < 2 && 2 > 1',
  '<script>alert(1)</script>',
  '{{7*7}}#{7*7}<%= 7*7 %>',
  '../../../etc/passwd',
  '%00%0d%0aset-cookie:%20x=1',
  'a\r\nbcc: evil@example.com',
  '=cmd|"/c calc"!A1',
  '__proto__',
  'constructor',
  'null',
  'NaN',
  '-1',
  '9'.repeat(400),
  'é'.repeat(70),
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'.repeat(12),
  '\u202e\u2066txet\u2069',
  '\ufeff\u200b\u00ad',
  'Z\u0351\u036b\u0343\u036a',
  '\u212a\u0131\u00df\ufb03',
  '\u0001\u001f\u007f\u0085\u2028',
  '\ud83d\ude00',
  'executive -- select * from users',
  'x'.repeat(9_999),
  'x'.repeat(10_001),
]

export const hostileValues: readonly unknown[] = [
  ...[null, true, false, 0, -0, -1, 1.5, 1e21, 1e308, 2 ** 53, 2 ** 31, -(2 ** 63)],
  ...[[], {}, [[]], [null], { a: { b: { c: [] } } }, { toString: 'x' }, { length: -1 }],
  ...[{ constructor: 1 }, { hasOwnProperty: null }, { valueOf: 'x' }, { $gt: '' }, { 'a.b': 1 }],
  Array.from({ length: 999 }, () => 0),
  Array.from({ length: 1_001 }, () => ({})),
]

/** Names that nobody may set. */
export const privilegedNames: readonly string[] = [
  ...['role', 'roles', 'status', 'verified', 'id', 'tenant', 'userId', 'permissions', 'isAdmin'],
  ...['email_verified', 'created_at', 'constructor', 'toString', 'a'.repeat(300), ''],
]

export function hostileText(chance: Chance): string {
  return chance.pick(hostileTexts)
}

/** A value that meets its schema; of names the site knows, often one that means something. */
export function validValue(chance: Chance, name: string, schema: Schema, world: World): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return chance.pick(schema.enum)
  const choice = schema.anyOf ?? schema.oneOf
  if (choice) return validValue(chance, name, chance.pick(choice), world)
  const type =
    typeof schema.type === 'string' ? schema.type : chance.pick(schema.type ?? ['string'])
  if (type === 'object') return validObject(chance, schema, world)
  if (type === 'array') {
    return Array.from({ length: chance.below(3) }, () =>
      validValue(chance, name, schema.items ?? {}, world),
    )
  }
  if (type === 'integer' || type === 'number') return numberOf(chance, name)
  if (type === 'boolean') return chance.percent(50)
  return textOf(chance, name, schema, world)
}

function validObject(chance: Chance, schema: Schema, world: World): Record<string, unknown> {
  const required = new Set(schema.required ?? [])
  const names = oneName(chance, Object.keys(schema.properties ?? {}))
  return Object.fromEntries(
    names
      .filter((name) => required.has(name) || chance.percent(40))
      .map((name) => [name, validValue(chance, name, schema.properties?.[name] ?? {}, world)]),
  )
}

/** A sign-in takes one name, whichever of three the schema allows. */
function oneName(chance: Chance, names: readonly string[]): readonly string[] {
  const aliases = ['identifier', 'email', 'username']
  if (!names.includes('identifier')) return names
  const chosen = chance.pick(aliases)
  return names.filter((name) => name === chosen || !aliases.includes(name))
}

function numberOf(chance: Chance, name: string): number {
  if (name === 'expiresAt') return Date.now() + chance.below(1_000_000_000)
  return chance.pick([1, 2, 1_000, 2 ** 31, Number.MAX_SAFE_INTEGER])
}

function textOf(chance: Chance, name: string, schema: Schema, world: World): string {
  const known = knownText(chance, name, world)
  if (known !== undefined) return known
  const { maxLength = 200, minLength = 0 } = schema
  const text = chance.percent(60) ? `text ${chance.below(1_000_000)}` : hostileText(chance)
  return text.slice(0, maxLength).padEnd(minLength, 'x')
}

function knownText(chance: Chance, name: string, world: World): string | undefined {
  const fresh = `f${chance.below(1_000_000)}`
  if (name === 'email' || name === 'identifier') {
    return chance.percent(70) ? chance.pick(world.emails) : `${fresh}@example.com`
  }
  if (name === 'username') return chance.percent(30) ? chance.pick(world.emails) : fresh
  if (name === 'password') return chance.percent(80) ? world.password : hostileText(chance) || 'x'
  if (name === 'role') return chance.percent(70) ? chance.pick(world.roles) : fresh
  if (name === 'id') {
    return chance.pick([chance.pick(world.userIds), chance.pick(world.sessionIds), unknownId])
  }
  if (name === 'token' || name === 'refreshToken') return chance.pick([...world.tokens, fresh])
  return undefined
}

/** Spoils one member of a body, or adds one that is not asked for, or makes it no object at all. */
export function spoilBody(chance: Chance, body: unknown): unknown {
  if (typeof body !== 'object' || body === null || chance.percent(5)) {
    return chance.pick(hostileValues)
  }
  const names = Object.keys(body)
  const spoiled: Record<string, unknown> = { ...body }
  const target = names.length > 0 && chance.percent(70) ? chance.pick(names) : undefined
  if (target === undefined) {
    spoiled[chance.pick(privilegedNames)] = chance.pick(['admin', 'super_admin', true, 1, []])
  } else if (chance.percent(15)) delete spoiled[target]
  else if (chance.percent(50)) spoiled[target] = hostileText(chance)
  else spoiled[target] = chance.pick(hostileValues)
  return spoiled
}
