// holdfast-ignore-sql-file: names are checked and quoted by the dialect, constants are quoted by its literals
import { dialects } from './dialects.ts'
import { rowErrors } from './errors.ts'
import { allOf, anyOf, type Formula, formulaOf, type Resolver } from './formula.ts'
import type { Piece } from './pieces.ts'
import { piecesOf } from './render.ts'
import { settingResolver } from './rls-resolver.ts'
import { literal, settingHolds, settingWithin } from './rls-text.ts'
import type { RowRules } from './row-filter.ts'
import { settingNames } from './settings.ts'

/** The commands that PostgreSQL asks policies about, each with the action that permits it. */
export const rlsCommands = Object.freeze({
  read: 'select',
  create: 'insert',
  update: 'update',
  delete: 'delete',
})

export type RlsAction = keyof typeof rlsCommands

/** What one role says about one action on the rows of a resource. */
export interface RlsRule {
  readonly role: string
  readonly action: RlsAction
  readonly allow: RowRules
  readonly deny: RowRules
}

/** A table and what every role says about its rows. */
export interface RlsResource {
  readonly name: string
  /** `name` or `schema.name`. */
  readonly table: string
  readonly rules: readonly RlsRule[]
}

export interface RlsOptions {
  readonly resources: readonly RlsResource[]
  /** Every role there is: a caller who holds another one is shown no row, as its denials are not known. */
  readonly roles: readonly string[]
  /** Its holders are beyond denials. */
  readonly superAdminRole: string
}

/**
 * SQL that lets PostgreSQL apply the rules to every statement, whoever wrote it: row-level security
 * enabled and FORCED on each table, and one policy for each command. Policies read the caller from
 * settings of the transaction, which `setCaller` makes; without them there is no row. The script can
 * run again and again, best in one transaction. Throws `table_shared` where two resources are one table.
 */
export function rlsScript(options: RlsOptions): string {
  refuseShared(options.resources)
  return [head, ...options.resources.map((one) => tableScript(one, options))].join('\n')
}

function refuseShared(resources: readonly RlsResource[]): void {
  for (const [at, { name, table }] of resources.entries()) {
    const other = resources.slice(0, at).find((one) => mayBeSame(one.table, table))
    if (!other) continue
    const explanation =
      other.table === table
        ? `The resources '${other.name}' and '${name}' name the same table '${table}'. Policies know a table once.`
        : `The resources '${other.name}' and '${name}' may name the same table: '${other.table}' and '${table}'. Policies know a table once; write both with their schema.`
    throw rowErrors.table_shared({ explanation })
  }
}

/** A name without its schema is whatever the search path of the session finds. */
function mayBeSame(one: string, other: string): boolean {
  if (one === other) return true
  const [mine = '', theirs = ''] = [one.split('.').at(-1), other.split('.').at(-1)]
  return mine === theirs && !(one.includes('.') && other.includes('.'))
}

const head = `-- Row-level security by the rules of Holdfast, written by: holdfast access rls
-- Run it in one transaction as the owner of the tables, and again whenever the rules change.
-- The role of the app must be neither a superuser nor have BYPASSRLS.
`

function tableScript(resource: RlsResource, options: RlsOptions): string {
  const table = resource.table.split('.').map(dialects.postgres.quote).join('.')
  const actions = Object.keys(rlsCommands) as RlsAction[]
  return `alter table ${table} enable row level security;
alter table ${table} force row level security;
${actions.map((action) => policy(table, { action, resource, options })).join('')}`
}

interface PolicyParts {
  readonly action: RlsAction
  readonly resource: RlsResource
  readonly options: RlsOptions
}

/** `update` judges the row as it was and as it becomes: nobody moves a row out of their reach. */
function policy(table: string, parts: PolicyParts): string {
  const { action } = parts
  const name = `holdfast_${action}`
  const condition = `(\n  ${conditionsOf(parts).join('\n  and ')}\n)`
  const clauses = {
    read: `using ${condition}`,
    create: `with check ${condition}`,
    update: `using ${condition} with check ${condition}`,
    delete: `using ${condition}`,
  }
  return `drop policy if exists ${name} on ${table};
create policy ${name} on ${table} for ${rlsCommands[action]} ${clauses[action]};
`
}

function conditionsOf({ action, resource, options }: PolicyParts): readonly string[] {
  const rules = resource.rules.filter((rule) => rule.action === action)
  const allow = anyOf(rules.map((rule) => ofRole(rule.role, rule.allow, allowed)))
  if (allow === false) return ['false']
  const denying = rules.filter(({ role }) => role !== options.superAdminRole)
  const deny = anyOf(denying.map((rule) => ofRole(rule.role, rule.deny, denied)))
  const gates = [
    settingHolds(settingNames.permitted, [`${action}:${resource.name}`]),
    settingWithin(settingNames.roles, options.roles),
    text(allow),
  ]
  if (deny === false) return gates
  const beyond = settingHolds(settingNames.roles, [options.superAdminRole])
  return [...gates, `(${beyond} or (${text(deny)}) is not true)`]
}

const allowed = settingResolver(false)
const denied = settingResolver(true)

/** The rules of one role, for whoever holds it. */
function ofRole(role: string, rules: RowRules, resolver: Resolver): Formula {
  const reached = rules === true || anyOf(rules.map(({ test }) => formulaOf(test, resolver)))
  const holds: Formula = { kind: 'sql', sql: () => settingHolds(settingNames.roles, [role]) }
  return allOf([holds, reached])
}

function text(formula: Formula): string {
  return piecesOf(formula, dialects.postgres, []).map(written).join('')
}

/** A policy is kept as text and has no parameters: its values are the rules' own, quoted. */
function written(piece: Piece): string {
  if (typeof piece === 'string') return piece
  if ('value' in piece) return literal(String(piece.value))
  return piece.name.map(dialects.postgres.quote).join('.')
}
