import type { Db } from '../database/index.ts'
import type { RoleDefinition } from '../permissions/index.ts'
import type { Logger } from '../ports/index.ts'
import type { Revocation, RevocationListener } from '../revocation/index.ts'
import { definitionOf, unreadable } from './custom-role.ts'
import { findCustomRoleStates, findCustomRoles } from './custom-role-store.ts'
import type { CustomRoleRow } from './custom-role-table.ts'
import type { RoleBook, RoleMistake } from './roles.ts'

const mostReads = 5

/** A role as this node read it last. */
interface KnownRole {
  readonly id: string
  readonly version: number
  readonly definition: RoleDefinition
}

export interface CustomRoleReaderParts {
  readonly roles: RoleBook
  readonly logger: Logger
}

/**
 * Keeps the role book of this node as the database has it. What was announced is read before the next
 * verdict, and only the roles that changed: unchanged ones keep what was made of them.
 */
export class CustomRoleReader implements RevocationListener {
  readonly #parts: CustomRoleReaderParts
  #known: ReadonlyMap<string, KnownRole> = new Map()
  /** How many announcements were heard, and how many of them the book has seen. */
  #heard = 1
  #seen = 0
  /** Numbers of the reads: one that began earlier never overwrites one that began later. */
  #begun = 0
  #applied = 0
  #told = ''

  constructor(parts: CustomRoleReaderParts) {
    this.#parts = parts
  }

  revoked({ kind }: Revocation): void {
    if (kind === 'roles') this.#heard++
  }

  everything(): void {
    this.#heard++
  }

  /** Reads what was announced; nothing where the book is up to date. Throws when the database is away. */
  async refresh(db: Db): Promise<void> {
    for (let reads = 0; this.#seen < this.#heard && reads < mostReads; reads++) {
      await this.reload(db)
    }
  }

  /**
   * Reads what changed, also what was not announced to this node yet. A transaction that has announced
   * something sees with it every role that there is, and none changes until it ends.
   */
  async reload(db: Db): Promise<void> {
    const heard = this.#heard
    const number = ++this.#begun
    const known = await this.#read(db, this.#known)
    if (number < this.#applied) return
    this.#applied = number
    this.#seen = Math.max(this.#seen, heard)
    if (isSame(known, this.#known)) return
    this.#known = known
    const all = [...known].map(([name, { definition }]) => [name, definition] as const)
    const lost = all.filter(([, definition]) => definition === unreadable)
    const problem = 'cannot be read. Its holders may do nothing.'
    this.#tell([
      ...lost.map(([role]) => ({ role, path: 'definition', problem })),
      ...this.#parts.roles.replaceCustom(Object.fromEntries(all)),
    ])
  }

  async #read(
    db: Db,
    before: ReadonlyMap<string, KnownRole>,
  ): Promise<ReadonlyMap<string, KnownRole>> {
    const states = await findCustomRoleStates(db)
    const isKnown = ({ id, name, version }: (typeof states)[number]) => {
      const known = before.get(name)
      return known?.id === id && known.version === version
    }
    const kept = states.filter(isKnown).map(({ name }) => name)
    const changed = states.filter((state) => !isKnown(state)).map(({ name }) => name)
    const rows = await findCustomRoles(db, changed)
    const known = kept.flatMap((name): [string, KnownRole][] => {
      const role = before.get(name)
      return role ? [[name, role]] : []
    })
    return new Map([...known, ...rows.map((row): [string, KnownRole] => [row.name, knownOf(row)])])
  }

  /** A role that a newer configuration has made wrong goes on with what is right of it, if it lost no denial. */
  #tell(mistakes: readonly RoleMistake[]): void {
    const text = mistakes.map(({ path, problem, role }) => `${role}: ${path} ${problem}`).join('\n')
    if (text !== this.#told && text !== '') {
      this.#parts.logger.warn(
        'roles that administrators made are wrong, and hold less than they say',
        {
          mistakes: mistakes.slice(0, 20),
        },
      )
    }
    this.#told = text
  }
}

function knownOf(row: CustomRoleRow): KnownRole {
  const { id, version } = row
  return { id, version, definition: definitionOf(row) }
}

function isSame(
  one: ReadonlyMap<string, KnownRole>,
  other: ReadonlyMap<string, KnownRole>,
): boolean {
  if (one.size !== other.size) return false
  return [...one].every(([name, role]) => other.get(name) === role)
}
