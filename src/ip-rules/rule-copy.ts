import type { Db } from '../database/index.ts'
import { readNetwork } from '../http/index.ts'
import type { Logger } from '../ports/index.ts'
import type { Revocation, RevocationListener } from '../revocation/index.ts'
import type { CompiledRule, IpRule } from './rule.ts'
import { RuleSet, type ScopePaths } from './rule-set.ts'
import { findIpRules, findIpRulesById } from './store.ts'
import type { IpRuleRow } from './table.ts'

const page = 5_000
const mostPending = 1_000
/** Unreadable rules that the log names. */
const mostNamed = 10
/** Stands for many rules in an announcement. */
export const manyRules = '*'

export interface RuleCopyParts {
  readonly paths: ScopePaths
  readonly fixed: readonly CompiledRule[]
  readonly logger: Logger
}

/**
 * The rules as this node knows them. What was announced is read before the next request is judged, one
 * rule at a time; all of them are read at the start and after an import.
 */
export class RuleCopy implements RevocationListener {
  readonly #parts: RuleCopyParts
  #set: RuleSet
  #pending = new Set<string>()
  #allPending = true
  #reading: Promise<void> | undefined
  #unread: ReadonlySet<string> = new Set()

  constructor(parts: RuleCopyParts) {
    this.#parts = parts
    this.#set = new RuleSet(parts.paths, parts.fixed)
  }

  get rules(): RuleSet {
    return this.#set
  }

  /** Whether everything that was announced has been read; not while it is being read. */
  get settled(): boolean {
    return this.#reading === undefined && !this.#isBehind
  }

  get #isBehind(): boolean {
    return this.#allPending || this.#pending.size > 0
  }

  revoked({ id, kind }: Revocation): void {
    if (kind !== 'ip_rules') return
    if (id === manyRules || this.#pending.size >= mostPending) this.#allPending = true
    else this.#pending.add(id)
  }

  everything(): void {
    this.#allPending = true
  }

  /** Reads what was announced; everybody who asks meanwhile waits for the same. Rejects when the database is away. */
  settle(db: Db): Promise<void> {
    if (this.settled) return Promise.resolve()
    this.#reading ??= this.#readAll(db)
    return this.#reading
  }

  /** Is over in the same instant in which nothing is left to be read. */
  async #readAll(db: Db): Promise<void> {
    try {
      while (this.#isBehind) await this.#readNext(db)
    } finally {
      this.#reading = undefined
    }
  }

  async #readNext(db: Db): Promise<void> {
    const [ids, all] = [[...this.#pending], this.#allPending]
    this.#pending = new Set()
    this.#allPending = false
    try {
      if (all) await this.#reload(db)
      else await this.#reread(db, ids)
    } catch (error) {
      // What could not be read is still to be read.
      this.#allPending ||= all
      for (const id of ids) this.#pending.add(id)
      throw error
    }
  }

  async #reload(db: Db): Promise<void> {
    const fresh = new RuleSet(this.#parts.paths, this.#parts.fixed)
    const unread = new Set<string>()
    let after = ''
    for (;;) {
      const rows = await findIpRules(db, { after, limit: page })
      for (const row of rows) if (!put(fresh, row)) unread.add(row.id)
      after = rows.at(-1)?.id ?? after
      if (rows.length < page) break
    }
    this.#set = fresh
    this.#tellUnread(unread)
  }

  async #reread(db: Db, ids: readonly string[]): Promise<void> {
    const rows = await findIpRulesById(db, ids)
    const found = new Set(rows.map(({ id }) => id))
    for (const id of ids) if (!found.has(id)) this.#set.drop(id)
    const unread = new Set(this.#unread)
    for (const id of ids) unread.delete(id)
    for (const row of rows) if (!put(this.#set, row)) unread.add(row.id)
    this.#tellUnread(unread)
  }

  /** One line when others than before cannot be read, however many there are and however often they are read. */
  #tellUnread(unread: ReadonlySet<string>): void {
    const before = this.#unread
    this.#unread = unread
    const isSame = unread.size === before.size && [...unread].every((id) => before.has(id))
    if (isSame || unread.size === 0) return
    const ids = [...unread].slice(0, mostNamed)
    this.#parts.logger.error('address rules cannot be read and do not hold', {
      ...{ rules: unread.size, ids },
    })
  }
}

/**
 * False for what this release cannot read, since another one wrote it, or somebody by hand. It holds nobody,
 * but an allowance still closes its scope, as does what is neither an allowance nor a denial.
 */
function put(set: RuleSet, row: IpRuleRow): boolean {
  const read = readNetwork(row.range)
  const isKnown = row.action === 'allow' || row.action === 'deny'
  if (read.ok && isKnown) {
    set.put({ rule: ruleOf(row), network: read.network })
    return true
  }
  const action = row.action === 'deny' ? 'deny' : 'allow'
  set.put({ rule: { ...ruleOf(row), action }, network: undefined })
  return false
}

export function ruleOf(row: IpRuleRow): IpRule {
  const { action, id, range, reason, scope } = row
  return {
    ...{ id, action, range, scope, reason },
    ...{ createdBy: row.created_by, createdAt: row.created_at, expiresAt: row.expires_at },
  }
}
