import type { Security } from 'holdfast/express'
import type { Company, RetailStore } from './store.ts'

/** Somebody's place in one company, with the roles held there. */
export interface Membership {
  readonly companyId: string
  readonly roles: readonly string[]
  /** The store of an employee. */
  readonly storeId: string | null
}

/** Somebody who belongs to a company, as the page of administrators shows them. */
export interface Member {
  readonly userId: string
  readonly email: string
  readonly companyId: string
  readonly storeId: string | null
  /** Epoch milliseconds. */
  readonly since: number
}

/**
 * Companies as organisations of Holdfast, which knows who belongs to one and as what. The app knows the
 * store of a member, and which organisation a company is.
 */
export class Companies {
  readonly #security: Security
  readonly #store: RetailStore

  constructor(security: Security, store: RetailStore) {
    this.#security = security
    this.#store = store
  }

  /** Makes the organisations that are missing, and names all as the import does. */
  async makeAll(): Promise<void> {
    for (const { companyId, name } of this.#store.companies()) {
      const id = await this.organisationOf(companyId)
      const found = await this.#security.organisations.find(id)
      if (found && found.name !== name) await this.#security.organisations.rename(id, name)
    }
  }

  /** The organisation of a company; it is made when there is none. */
  async organisationOf(companyId: string): Promise<string> {
    const known = this.#store.organisationOf(companyId)
    if (known !== undefined && (await this.#security.organisations.find(known))) return known
    const company = this.#store.companies().find((one) => one.companyId === companyId)
    if (!company) throw new Error(`there is no company ${companyId}`)
    const id = await this.#find(companyId).then((found) => found ?? this.#make(company))
    this.#store.saveOrganisation(companyId, id)
    return id
  }

  /** The companies that somebody belongs to, in the order in which they joined. */
  async membershipsOf(userId: string): Promise<readonly Membership[]> {
    const own = await this.#security.organisations.listOf(userId)
    return own.flatMap(({ id, roles }) => {
      const companyId = this.#store.companyOf(id)
      if (companyId === undefined) return []
      return [{ companyId, roles, storeId: this.#store.findMemberStore({ companyId, userId }) }]
    })
  }

  /** Everybody in a company, in the order in which they joined. */
  async membersOf(companyId: string): Promise<readonly Member[]> {
    const organisation = await this.organisationOf(companyId)
    const members: Member[] = []
    for (let after: string | null | undefined; after !== null; ) {
      const page = await this.#security.organisations.members(organisation, {
        limit: 200,
        ...(after === undefined ? {} : { after }),
      })
      for (const { email, joinedAt, userId } of page.members) {
        const storeId = this.#store.findMemberStore({ companyId, userId })
        members.push({ userId, email, companyId, storeId, since: joinedAt })
      }
      after = page.next
    }
    return members
  }

  async #find(companyId: string): Promise<string | undefined> {
    for (const slug of slugsOf(companyId)) {
      const found = await this.#security.organisations.find(slug)
      if (found?.metadata.company === companyId) return found.id
    }
    return undefined
  }

  /** Of processes that start at once one makes it, and the others find it. */
  async #make({ companyId, name }: Company): Promise<string> {
    for (const slug of slugsOf(companyId)) {
      try {
        const metadata = { company: companyId }
        const { id } = await this.#security.organisations.create({ name, slug, metadata })
        return id
      } catch (error) {
        if (!isTaken(error)) throw error
        const made = await this.#find(companyId)
        if (made !== undefined) return made
      }
    }
    throw new Error(`every short name for the company ${companyId} is taken`)
  }
}

/** Ids of companies may hold capitals and end in hyphens; short names may not. */
function slugsOf(companyId: string): readonly string[] {
  const plain = companyId.toLowerCase().replace(/-+$/, '')
  return [plain, `company-${plain}`]
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'organisation_exists'
}
