import { type Leaf, oneOf, type Place, shown, whole } from './fields.ts'
import { group } from './option-parts.ts'
import type { DetectionOptions } from './options-detection.ts'

const keys = ['path', 'rules', 'fields']
const pathShape = /^\/(?:[\w.~:@-]+\/)*(?:[\w.~:@-]+\/?|\*)?$/
const wordShape = /^[\w.[\] -]{1,100}$/

const exemptions: Leaf = {
  kind: 'leaf',
  suffix: '',
  fallback: [],
  accepts: 'list of { path, rules, fields }',
  read: (value, place) => {
    if (!Array.isArray(value)) return fault(place, `must be a list, not ${shown(value)}.`)
    if (value.length > 200) return fault(place, 'must have at most 200 entries.')
    return Object.freeze(
      value.map((entry, index) => exemption(entry, { ...place, path: `${place.path}[${index}]` })),
    )
  },
}

export const detection = group<DetectionOptions>({
  mode: oneOf(['off', 'monitor', 'block'], 'monitor'),
  threshold: whole({ min: 1, max: 30, fallback: 5 }),
  exempt: exemptions,
})

function exemption(value: unknown, place: Place): unknown {
  if (typeof value !== 'object' || value === null) {
    return fault(place, `must be an object such as { path: '/articles/:id' }, not ${shown(value)}.`)
  }
  const unknown = Object.keys(value).find((key) => !keys.includes(key))
  if (unknown !== undefined) return fault(place, `must hold ${keys.join(', ')} alone.`)
  const { fields, path, rules } = value as Record<string, unknown>
  if (typeof path !== 'string' || !pathShape.test(path)) {
    return fault(place, `must have a path such as '/articles/:id' or '/docs/*'.`)
  }
  return Object.freeze({
    path,
    ...words(rules, 'rules', place),
    ...words(fields, 'fields', place),
  })
}

function words(value: unknown, name: string, place: Place): object {
  if (value === undefined) return {}
  const fits = (each: unknown) => typeof each === 'string' && wordShape.test(each)
  if (!Array.isArray(value) || value.length === 0 || value.length > 100 || !value.every(fits)) {
    fault(place, `must have as ${name} a list of 1 to 100 names, or none for all.`)
    return {}
  }
  return { [name]: Object.freeze([...value]) }
}

function fault({ faults, path }: Place, problem: string): undefined {
  faults.add(path, problem)
  return undefined
}
