import { type Dictionary, type Field, type Group, text } from './fields.ts'

type GroupDetails = Pick<Group, 'optional' | 'canBeOff' | 'shorthand'>

/** A group with exactly the fields of the options `T`: one forgotten here does not compile. */
export function group<T>(fields: Record<keyof T, Field>, details: GroupDetails = {}): Group {
  return { kind: 'group', fields, ...details }
}

/** Values under names that match `names`. */
export function dictionary(names: RegExp, entry: Field, required = false): Dictionary {
  return { kind: 'dictionary', names, entry, required }
}

/** Names that an app may choose. */
export const identifier = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/

/** A flaw for whatever does not match. */
export const matching = (pattern: RegExp, problem: string) => (value: string) =>
  pattern.test(value) ? undefined : problem

/** A name that an app chose. */
export const name = (fallback?: string) =>
  text({
    max: 63,
    accepts: 'name',
    flaw: matching(identifier, `must begin with a letter and hold letters, digits, '_' and '-'.`),
    ...(fallback === undefined ? {} : { fallback }),
  })
