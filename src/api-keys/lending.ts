import { type Access, earlier, type Giver, type Permissions } from '../access/index.ts'
import type { Trx } from '../database/index.ts'
import { apiKeyErrors } from './errors.ts'
import type { OwnerFacts } from './owners.ts'

/** Who decides on the scopes of a new key. */
export interface Lenders {
  readonly facts: OwnerFacts
  /** Whoever makes it for somebody else. */
  readonly giver: Giver | undefined
}

/**
 * The scopes that a key gets, in order. An owner lends what they hold for some rows, since the key is held
 * to those rows with them; whoever makes a key for somebody else has to hold all of it, for every row.
 * Throws `scopes_required` and `scope_outranks_owner`.
 */
export async function lentScopes(
  access: Access,
  trx: Trx,
  { facts, giver, scopes }: Lenders & { readonly scopes: readonly string[] },
): Promise<readonly string[]> {
  const { permissions } = facts
  if (scopes.length === 0) {
    const available = permissions.patterns.filter((pattern) => permissions.lends(pattern))
    throw apiKeyErrors.scopes_required({ members: { available } })
  }
  refuseBeyond(scopes, (scope) => permissions.lends(scope), untenanted(access, facts))
  await refuseBeyondGiver(access, trx, { giver, scopes })
  return [...new Set(scopes)].sort()
}

/**
 * Throws `scope_outranks_owner` for what a giver does not hold for every row: the owner's rows are not
 * theirs. Held when they asked and held now: whoever was demoted meanwhile lends no more.
 */
export async function refuseBeyondGiver(
  access: Access,
  trx: Trx,
  { giver, scopes }: { readonly giver: Giver | undefined; readonly scopes: readonly string[] },
): Promise<void> {
  if (!giver) return
  const now = await access.rolesOf(trx, giver.userId)
  const held: readonly Permissions[] = [giver.roles, now.roles].map((r) => access.permissionsOf(r))
  refuseBeyond(scopes, (scope) => held.every((permissions) => permissions.covers(scope)))
}

/**
 * When a key ends that was to end at `expiresAt`, null for never: not after its giver holds its scopes,
 * as roles of theirs run out.
 */
export async function lentUntil(
  access: Access,
  trx: Trx,
  {
    expiresAt,
    giver,
    scopes,
  }: {
    readonly expiresAt: number | null
    readonly giver: Giver | undefined
    readonly scopes: readonly string[]
  },
): Promise<number | null> {
  if (!giver) return expiresAt
  const end = await access.endOf(trx, giver, (held) => scopes.every((scope) => held.covers(scope)))
  return earlier(expiresAt ?? undefined, end) ?? null
}

/** When a role of a program ends that was to end at `expiresAt`: not after its giver holds it. */
export async function lentRoleUntil(
  access: Access,
  trx: Trx,
  {
    expiresAt,
    giver,
    role,
  }: {
    readonly expiresAt?: number | undefined
    readonly giver: Giver | undefined
    readonly role: string
  },
): Promise<number | undefined> {
  if (!giver) return expiresAt
  const given = access.permissionsOf([role])
  return earlier(expiresAt, await access.endOf(trx, giver, (held) => held.coversAll(given)))
}

function refuseBeyond(
  scopes: readonly string[],
  holds: (scope: string) => boolean,
  why: (scopes: readonly string[]) => string | undefined = () => undefined,
): void {
  const beyond = scopes.filter((scope) => !holds(scope))
  if (beyond.length === 0) return
  const explanation = why(beyond)
  const told = explanation === undefined ? {} : { explanation }
  throw apiKeyErrors.scope_outranks_owner({ members: { scopes: beyond }, ...told })
}

/** What a program's author cannot see: the role names the scope, and reaches nothing of it from an organisation. */
function untenanted(access: Access, { organisation }: OwnerFacts) {
  return (scopes: readonly string[]): string | undefined => {
    const { vocabulary } = access.roles
    const silent = scopes
      .map((scope) => scope.split(':')[1] ?? '')
      .filter((name) => name !== '*' && name !== 'security')
      .find((name) => vocabulary.shapeOf(name)?.tenant === undefined)
    if (organisation === undefined || silent === undefined) return undefined
    return `the resource ${silent} declares no \`tenant\`, so nothing that is held in an organisation reaches it: write access.resources.${silent}.tenant`
  }
}
