import { PermissionSet } from 'holdfast'
import type { Loop, Loops } from './main.ts'

const resources = Array.from({ length: 32 }, (_, number) => `resource-${number}`)
const asked = resources.map((resource) => `read:${resource}`)

/** One permission check, with what a caller may hold. */
export const loops: Loops = {
  'Set, no more': () => {
    const held = new Set(asked)
    return checking((permission) => held.has(permission), asked)
  },
  literal: () => checkingSet(new PermissionSet(asked), asked),
  wildcard: () => checkingSet(new PermissionSet(['read:*', 'write:*']), asked),
  '12 roles': () => checkingSet(twelveRoles(), asked),
  'wildcard, never asked': () => {
    const many = Array.from({ length: 20_000 }, (_, number) => `read:thing:${number}`)
    return checkingSet(new PermissionSet(['read:*', 'write:*']), many)
  },
}

/** Twelve roles of eight patterns each, a third of them open, one denial. */
function twelveRoles(): PermissionSet {
  const patterns = Array.from({ length: 96 }, (_, number) => {
    const resource = resources[number % resources.length] ?? ''
    if (number % 3 === 0) return `read:${resource}:*`
    return number % 3 === 1 ? `read:${resource}` : `write:${resource}`
  })
  return new PermissionSet([...patterns, 'read:*'], ['delete:resource-1'])
}

function checkingSet(set: PermissionSet, permissions: readonly string[]): Loop {
  const refused = Number(!set.has('delete:resource-1'))
  const loop = checking((permission) => set.has(permission), permissions)
  const allowed = permissions.filter((permission) => set.has(permission)).length
  return { ...loop, decisions: () => ({ permission: { allowed, refused } }) }
}

/** A thousand checks an operation, so that the clock and the loop weigh nothing. */
function checking(has: (permission: string) => boolean, permissions: readonly string[]): Loop {
  let at = 0
  let held = 0
  return {
    operations: 1_000,
    run() {
      for (let check = 0; check < 1_000; check++) {
        at = at + 1 === permissions.length ? 0 : at + 1
        if (has(permissions[at] ?? '')) held += 1
      }
      return undefined
    },
    extra: async () => ({ held }),
  }
}
