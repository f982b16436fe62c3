import { userInfo } from 'node:os'
import type { AccountView, By } from '../src/admin/index.ts'
import { SecurityError } from '../src/errors/index.ts'
import { type CommandInput, type CommandOption, stringOption, UsageError } from './command.ts'
import type { DatabasePlace } from './database-place.ts'

/** For commands that change an account. */
export const reasonOption: Readonly<Record<string, CommandOption>> = {
  reason: { type: 'string', value: 'TEXT', help: 'Why; kept in the audit log.' },
}

/** The same for commands that do nothing without a reason. */
export const neededReason: Readonly<Record<string, CommandOption>> = {
  reason: { type: 'string', value: 'TEXT', needed: true, help: 'Why; kept in the audit log.' },
}

/** The person at the command line, by the name that the machine knows. */
export function operator(input: CommandInput): By {
  const why = stringOption(input, 'reason')
  const actor = { kind: 'operator', id: operatorName() } as const
  return why === undefined ? { actor } : { actor, reason: why }
}

/** The same for what is done to somebody's account, which has a reason. Throws UsageError without one. */
export function operatorWithReason(input: CommandInput, name: string): By {
  if (stringOption(input, 'reason') !== undefined) return operator(input)
  throw new UsageError(`holdfast ${name} needs --reason TEXT; it is kept in the audit log.`)
}

/** A container may run as a user without a name. */
function operatorName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}

/** Somebody who is not found may be in another database: the message says which one was asked. */
export async function finding<T>(place: DatabasePlace, change: Promise<T>): Promise<T> {
  try {
    return await change
  } catch (error) {
    if (!(error instanceof SecurityError) || error.code !== 'account_not_found') throw error
    const explanation = `${error.detail} This is ${placeText(place)}.`
    throw new SecurityError(error.code, error, { explanation })
  }
}

export function placeText({ isNew, text }: DatabasePlace): string {
  return isNew ? `${text} (new)` : text
}

/** What the command line knows of an account: `mfa` stands in the app's code, so it cannot say what is demanded. */
export type KnownAccount = Omit<AccountView, 'requiredLevel'>

export function knownOf({ requiredLevel: _, ...account }: AccountView): KnownAccount {
  return account
}

export function rolesText({ roles }: Pick<AccountView, 'roles'>): string {
  return roles.length === 0 ? 'no role' : `role ${roles.join(', ')}`
}
