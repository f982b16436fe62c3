import { type By, type RoleChange, recordOf } from '../access/index.ts'

export { actorOf, type By, recordOf } from '../access/index.ts'

/** A change of somebody's roles on the authority of `by`. */
export function roleChange(
  target: { readonly userId: string; readonly role: string },
  by: By,
): RoleChange {
  return { ...target, ...recordOf(by), ...(by.giver ? { giver: by.giver } : {}) }
}
