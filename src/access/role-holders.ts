import type { Trx } from '../database/index.ts'
import { findHolders, findRolesOfAny } from './custom-role-store.ts'
import type { RolesAt } from './holding-store.ts'
import type { Permissions } from './permissions.ts'

/** Where else roles are held, and by whom. */
export interface HolderSource {
  /** Accounts that hold one of these roles there. */
  readonly holders?: (trx: Trx, asked: RolesAt) => Promise<readonly string[]>
  /** What any of these accounts, at most 500, hold there, in organisations. */
  readonly rolesOfAny?: (
    trx: Trx,
    userIds: readonly string[],
    now: number,
  ) => Promise<readonly string[]>
  /** What whoever is no account holds beside one of these roles, that role included. */
  readonly beside?: (trx: Trx, asked: RolesAt) => Promise<readonly string[]>
}

/** Roles that somebody holds, everywhere and in organisations. */
export interface RolesOfHolders {
  readonly everywhere: readonly string[]
  readonly there: readonly string[]
}

const chunk = 500

/** All roles of all who hold one of these, in whatever way. */
export async function allRolesOfHolders(
  trx: Trx,
  sources: readonly HolderSource[],
  asked: RolesAt,
): Promise<RolesOfHolders> {
  const userIds = new Set(await findHolders(trx, asked))
  const [everywhere, there] = [new Set<string>(), new Set<string>()]
  for (const { beside, holders } of sources) {
    for (const id of (await holders?.(trx, asked)) ?? []) userIds.add(id)
    for (const role of (await beside?.(trx, asked)) ?? []) everywhere.add(role)
  }
  const ids = [...userIds]
  for (let at = 0; at < ids.length; at += chunk) {
    const some = ids.slice(at, at + chunk)
    for (const role of await findRolesOfAny(trx, some, asked.now)) everywhere.add(role)
    for (const { rolesOfAny } of sources) {
      for (const role of (await rolesOfAny?.(trx, some, asked.now)) ?? []) there.add(role)
    }
  }
  return { everywhere: [...everywhere], there: [...there] }
}

/** Whether somebody may do less with `after` than with `before`: an allowance is gone, or a denial is new. */
export function takesAway(before: Permissions, after: Permissions): boolean {
  const [had, has] = [rulesOf(before), rulesOf(after)]
  const isAllowanceGone = [...had.allow].some((rule) => !has.allow.has(rule))
  return isAllowanceGone || [...has.deny].some((rule) => !had.deny.has(rule))
}

function rulesOf({ rules }: Permissions) {
  const of = (wanted: 'allow' | 'deny') => {
    const some = rules.filter(({ effect }) => effect === wanted)
    return new Set(some.map(({ pattern, when }) => JSON.stringify([pattern, when ?? null])))
  }
  return { allow: of('allow'), deny: of('deny') }
}
