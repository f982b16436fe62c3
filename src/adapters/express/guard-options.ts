import type { Request } from 'express'
import type { AttributeValues } from '../../conditions/index.ts'
import { type ProofOptions, type ProofRule, readProofOptions } from '../../shield/index.ts'
import { invalidGuard } from '../node/errors.ts'
import type { GuardMark, GuardTerms } from './types.ts'
import { checkAction, type UseOptions } from './use-recorder.ts'

/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>

/** Finds the object that a route is about; `undefined` or `null` where there is none. */
export type ObjectLoader = (request: Request) => Awaitable<object | undefined | null>

/** What a guard asks for beside a permission, and what it does beside deciding. */
export interface GuardOptions extends UseOptions, ProofOptions {
  /** Records each use of the route under this action, with status and duration, also when aborted. */
  readonly audit?: string
  /**
   * Admits whoever holds the permission for some rows. The handler then filters with
   * `req.auth.rows(permission)`, or asks `req.auth.can(permission, row)` of each. A 2xx of a handler that
   * did neither is an error in the log; in development it is 503 `rows_unchecked` instead.
   */
  readonly rows?: true
  /**
   * Loads the object that the route is about, once, and puts it on `req.object`. One that is not there
   * or may not be read is 404 `not_found`, one that may be read and nothing more 403. It runs only for
   * callers who hold the permission for some rows. Whatever goes wrong, or takes longer than 10 seconds, is 503.
   */
  readonly object?: ObjectLoader
  /** What `access.attributes` declares of this caller, for the conditions that `rows` and `object` meet. */
  readonly attributes?: (request: Request) => Awaitable<AttributeValues>
  /**
   * Name of the path parameter that names the organisation, by its id or short name, or `true` for the
   * one that the request names by header or host. Then the roles held in it count as well, for `anyRole`
   * too, and whoever is no member, or names none, gets 404 `organisation_not_found`.
   */
  readonly organisation?: string | true
}

/** Options as they were written, and what they mean. */
export interface CheckedOptions {
  readonly options: GuardOptions
  readonly proof: ProofRule
}

/** Throws `guard_invalid` where the route is written. `verb` is how the guard is written. */
export function checkedOptions(
  verb: string,
  { kind }: GuardMark,
  options: GuardOptions = {},
): CheckedOptions {
  const names = ['audit', 'resource', 'rows', 'object', 'attributes', 'organisation']
  const read = readProofOptions(options, names)
  const fault = read.ok ? faultOf(kind, options) : read.fault
  if (fault !== undefined) throw invalidGuard(`${verb}(..., options): ${fault}`)
  if (options.audit !== undefined) checkAction(options.audit)
  return { options, proof: read.ok ? read.rule : {} }
}

const parameterName = /^[A-Za-z_$][A-Za-z0-9_$]*$/

function faultOf(kind: GuardMark['kind'], options: GuardOptions): string | undefined {
  const { attributes, object, organisation, rows } = options
  if (rows !== undefined && rows !== true) return 'rows: write true, or leave it away'
  if (object !== undefined && typeof object !== 'function') {
    return 'object: write a function that loads it, for example (req) => orders.find(req.params.id)'
  }
  if (attributes !== undefined && typeof attributes !== 'function') {
    return "attributes: write a function, for example () => ({ department: 'sales' })"
  }
  if (organisation !== undefined && organisation !== true && !parameterName.test(organisation)) {
    return "organisation: write the name of a path parameter, for example 'orgId' for /orgs/:orgId, or true for the one that the request names"
  }
  return combinationFault(kind, options)
}

function combinationFault(
  kind: GuardMark['kind'],
  { attributes, object, rows }: GuardOptions,
): string | undefined {
  if (rows && object) return 'rows is for lists and object for one thing; write one of them'
  const asksRows = rows !== undefined || object !== undefined
  if (asksRows && kind === 'roles') return 'rows and object need a permission; a role has no rows'
  if (attributes && !asksRows) return 'attributes are for rows or object; write one of them too'
  return undefined
}

/** What the manifest shows of options. */
export function termsOf(options: GuardOptions): GuardTerms {
  const { audit, level, object, organisation, rows, within } = options
  return {
    ...(within ? { within } : {}),
    ...(level ? { level } : {}),
    ...(rows ? { rows } : {}),
    ...(object ? { object: true } : {}),
    ...(organisation ? { organisation } : {}),
    ...(audit ? { audit } : {}),
  }
}
