import type { Database, Trx } from '../database/index.ts'
import type { Actor, Origin, Recorder } from '../events/index.ts'
import { type Network, parseAddress } from '../http/index.ts'
import { type Clock, type Random, uuidv7 } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'
import { eventOf } from './change-event.ts'
import { ipRuleErrors } from './errors.ts'
import { readLines } from './lines.ts'
import { putRows, type Written } from './put-rules.ts'
import {
  type CompiledRule,
  type IpRule,
  type IpRuleAction,
  type NewIpRule,
  readIpRule,
} from './rule.ts'
import { manyRules, type RuleCopy, ruleOf } from './rule-copy.ts'
import type { IpVerdict, Supposed } from './scope-rules.ts'
import { deleteIpRule, findIpRules } from './store.ts'
import type { IpRuleRow } from './table.ts'

/** Most rules of the table: what look-ups were measured with. */
const mostRules = 100_000

export interface IpRulesParts {
  readonly copy: RuleCopy
  /** Rules of the option `ipRules`. */
  readonly fixed: readonly CompiledRule[]
  readonly database: Database
  readonly recorder: Recorder
  readonly revocations: Revocations
  readonly clock: Clock
  readonly random: Random
}

/** Who changes rules, and why. Default: code of the app. */
export interface IpRuleBy {
  readonly actor?: Actor
  /** A sentence of at most 500 characters; a new rule keeps it. */
  readonly reason?: string
  readonly origin?: Origin
  /** The address of whoever asks: a change that would refuse it is `ip_rule_locks_you_out`. */
  readonly from?: string | undefined
  /** The change is made whatever it does to `from`. */
  readonly force?: boolean | undefined
  /** Whether a rule that is there may get an earlier end (default true); else `ip_rule_would_end`. */
  readonly mayShorten?: boolean
}

/** Many ranges under one rule. */
export interface IpRuleImport extends Omit<NewIpRule, 'range'> {
  /** An address or range a line; empty lines and what follows `#` or `;` are left out. */
  readonly lines: readonly string[]
}

/** What an import did. */
export interface IpRuleImportResult {
  readonly added: number
  /** Were there already, and have the new end and reason now. */
  readonly renewed: number
}

/** Which rules to show. */
export interface IpRuleQuery {
  readonly scope?: string | undefined
  /** Default 50, at most 200. */
  readonly limit?: number | undefined
  /** `next` of the page before. */
  readonly after?: string | undefined
}

/** Some rules, the oldest first. */
export interface IpRulePage {
  readonly rules: readonly IpRule[]
  /** Those of the option `ipRules`. */
  readonly fixed: readonly IpRule[]
  /** For `after` of the next page; null when this is the last. */
  readonly next: string | null
}

/** What the rules say of an address, scope by scope. */
export interface IpCheck {
  /** The address in its one spelling. */
  readonly address: string
  readonly scopes: readonly (IpVerdict & { readonly scope: string })[]
}

/**
 * Rules about addresses that are made, ended and looked at while the app runs. A change counts on the
 * next request here, and on other nodes within the time in which they poll.
 */
export class IpRules {
  readonly #parts: IpRulesParts

  constructor(parts: IpRulesParts) {
    this.#parts = parts
  }

  async list({ after = '', limit = 50, scope }: IpRuleQuery = {}): Promise<IpRulePage> {
    const { database, fixed } = this.#parts
    const size = Math.min(Math.max(limit, 1), 200)
    const rows = await findIpRules(database.reader, { after, limit: size + 1, scope })
    const shown = rows.slice(0, size)
    return {
      rules: shown.map(ruleOf),
      fixed: fixed.map(({ rule }) => rule),
      next: rows.length > size ? (shown.at(-1)?.id ?? null) : null,
    }
  }

  /**
   * Makes a rule; one for the same range, scope and action gets the new end and reason instead. Throws
   * `ip_rule_invalid`, `ip_rule_locks_you_out`, `ip_rule_would_end` and `ip_rules_full`.
   */
  async add(rule: NewIpRule, by: IpRuleBy = {}): Promise<IpRule> {
    const read = readIpRule(rule, this.#parts.clock.now())
    if (!read.ok) throw invalid(read.member, read.problem)
    const { network, scope } = read
    const written = await this.#write({ ...rule, scope, networks: [network] }, by)
    const [row] = written.rows
    if (!row) throw new Error('a rule that was written is there')
    return ruleOf(row)
  }

  /** Makes a rule of each line, all or none; throws as `add` does, with a fault for each bad line. */
  async import(rules: IpRuleImport, by: IpRuleBy = {}): Promise<IpRuleImportResult> {
    const { lines, ...rest } = rules
    const read = readIpRule({ ...rest, range: '0.0.0.0/0' }, this.#parts.clock.now())
    if (!read.ok) throw invalid(read.member, read.problem)
    const found = readLines(lines)
    if (!found.ok) throw ipRuleErrors.ip_rule_invalid({ faults: found.faults })
    const { added, renewed } = await this.#write(
      { ...rest, scope: read.scope, networks: found.networks, many: true },
      by,
    )
    return { added, renewed }
  }

  /** Ends a rule. Throws `ip_rule_not_found` and `ip_rule_locks_you_out`. */
  async remove(id: string, by: IpRuleBy = {}): Promise<IpRule> {
    const { copy, database, recorder, revocations } = this.#parts
    await this.#settle()
    const known = copy.rules.get(id)
    if (!known) throw ipRuleErrors.ip_rule_not_found()
    const { rule } = known
    this.#refuseLockOut(rule.scope, { removed: new Set([rule]) }, by)
    await database.transaction(async (trx) => {
      await revocations.announce(trx, { kind: 'ip_rules', id })
      if (!(await deleteIpRule(trx, id))) throw ipRuleErrors.ip_rule_not_found()
      const { action, range, scope } = rule
      await recorder.record(trx, {
        ...{ name: 'ip_rule.removed', ...recordOf(by) },
        resource: { kind: 'ip_rule', id },
        payload: { ruleId: id, action, range, scope },
      })
    })
    return rule
  }

  /** What the rules say of an address now; undefined for what is none. */
  async check(address: string): Promise<IpCheck | undefined> {
    const parsed = address.includes('%') ? undefined : parseAddress(address)
    if (!parsed) return undefined
    await this.#settle()
    const { clock, copy } = this.#parts
    const scopes = [...new Set(['all', 'admin', 'auth', ...copy.rules.scopes])]
    const now = clock.now()
    return {
      address: parsed.ip,
      scopes: scopes.map((scope) => ({ scope, ...copy.rules.judge(scope, parsed, now) })),
    }
  }

  /** Knows the rules as they are in the database now, also where this node has not polled yet. */
  async #settle(): Promise<void> {
    const { copy, database, revocations } = this.#parts
    await revocations.poll()
    await copy.settle(database.reader)
  }

  async #write(order: WriteOrder, by: IpRuleBy): Promise<Written> {
    const { copy, database, recorder } = this.#parts
    await this.#settle()
    const rows = order.networks.map((network) => this.#rowOf(order, network, by))
    const compiled = rows.map((row, at): CompiledRule => {
      return { rule: ruleOf(row), network: order.networks[at] as Network }
    })
    this.#refuseLockOut(order.scope, { added: compiled }, by)
    const lifted = order.action === 'allow' ? this.#denialsAround(order) : []
    return database.transaction(async (trx) => {
      await this.#announce(trx, order, rows)
      const written = await putRows(trx, rows, { mayShorten: by.mayShorten ?? true })
      if (copy.rules.size + written.added > mostRules) throw ipRuleErrors.ip_rules_full()
      await this.#announceRenewed(trx, order, written)
      await recorder.record(trx, { ...recordOf(by), ...eventOf({ ...order, lifted }, written) })
      return written
    })
  }

  /** First, since it locks: changes of rules wait for each other, so what is read then stays. */
  async #announce(trx: Trx, { many }: WriteOrder, [row]: readonly IpRuleRow[]): Promise<void> {
    const id = many || !row ? manyRules : row.id
    await this.#parts.revocations.announce(trx, { kind: 'ip_rules', id })
  }

  /** A rule that was there keeps its id, under which it has to be read again. */
  async #announceRenewed(trx: Trx, { many }: WriteOrder, { renewed, rows }: Written) {
    const [row] = rows
    if (many || renewed === 0 || !row) return
    await this.#parts.revocations.announce(trx, { kind: 'ip_rules', id: row.id })
  }

  /** Live denials that allowances for these networks are exceptions from, each once. */
  #denialsAround({ networks, scope }: WriteOrder): readonly IpRule[] {
    const { clock, copy } = this.#parts
    const now = clock.now()
    const found = networks.flatMap((network) => copy.rules.denialsAround(scope, network, now))
    return [...new Set(found)]
  }

  #rowOf({ action, expiresAt, scope }: WriteOrder, { text }: Network, by: IpRuleBy): IpRuleRow {
    const { clock, random } = this.#parts
    const now = clock.now()
    return {
      ...{ id: uuidv7(now, random), action, range: text, scope, reason: by.reason ?? null },
      ...{ created_at: now, created_by: by.actor?.id ?? null, expires_at: expiresAt ?? null },
    }
  }

  #refuseLockOut(scope: string, change: Supposed, { force, from }: IpRuleBy): void {
    if (from === undefined || force) return
    const address = parseAddress(from)
    const { clock, copy } = this.#parts
    const now = clock.now()
    const before = copy.rules.judge(scope, address, now)
    if (!before.allowed || copy.rules.suppose(scope, address, now, change).allowed) return
    throw ipRuleErrors.ip_rule_locks_you_out()
  }
}

interface WriteOrder {
  readonly action: IpRuleAction
  readonly scope: string
  readonly expiresAt?: number | undefined
  readonly networks: readonly Network[]
  readonly many?: true
}

function recordOf({ actor = { kind: 'code' }, origin, reason }: IpRuleBy) {
  return {
    actor,
    ...(reason === undefined ? {} : { reason }),
    ...(origin ? { origin } : {}),
  }
}

function invalid(member: string, problem: string) {
  const fault = { pointer: `#/body/${member}`, code: 'ip_rule_invalid', detail: `It ${problem}.` }
  return ipRuleErrors.ip_rule_invalid({ faults: [fault] })
}
