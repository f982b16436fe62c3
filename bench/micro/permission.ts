import { PermissionSet } from 'holdfast'
import type { Loop, Loops } from './main.ts'
import { checking } from './permission-checks.ts'
import { rivalLoops } from './permission-rivals.ts'
import { asked, denied, twelveRoles } from './permission-roles.ts'
import { scaleLoops } from './permission-scale.ts'

/** One permission check, with what a caller may hold. */
export const loops: Loops = {
  'Set, no more': () => {
    const held = new Set(asked)
    return checking((permission) => held.has(permission), asked)
  },
  literal: () => checkingSet(new PermissionSet(asked), asked),
  wildcard: () => checkingSet(new PermissionSet(['read:*', 'write:*']), asked),
  '12 roles': () => checkingSet(new PermissionSet(twelveRoles.flat(), [denied]), asked),
  'wildcard, never asked': () => {
    const many = Array.from({ length: 20_000 }, (_, number) => `read:thing:${number}`)
    return checkingSet(new PermissionSet(['read:*', 'write:*']), many)
  },
  ...rivalLoops,
  ...scaleLoops,
}

function checkingSet(set: PermissionSet, permissions: readonly string[]): Loop {
  const refused = Number(!set.has(denied))
  const loop = checking((permission) => set.has(permission), permissions)
  const allowed = permissions.filter((permission) => set.has(permission)).length
  return { ...loop, decisions: () => ({ permission: { allowed, refused } }) }
}
