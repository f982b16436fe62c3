/** The resources of an app of some size. */
export const resources = Array.from({ length: 32 }, (_, number) => `resource-${number}`)

/** What is asked, again and again: reading each of them. */
export const asked = resources.map((resource) => `read:${resource}`)

/** A permission that nobody here holds. */
export const denied = 'delete:resource-1'

/** Twelve roles of eight patterns each, a third of them open; the first one reads everything. */
export const twelveRoles: readonly (readonly string[])[] = Array.from({ length: 12 }, (_, role) => [
  ...(role === 0 ? ['read:*'] : []),
  ...Array.from({ length: 8 }, (_, at) => patternOf(role * 8 + at)),
])

function patternOf(number: number): string {
  const resource = resources[number % resources.length] ?? ''
  if (number % 3 === 0) return `read:${resource}:*`
  return number % 3 === 1 ? `read:${resource}` : `write:${resource}`
}
