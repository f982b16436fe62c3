import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { createTestSecurity, type TestSecurity } from '../../src/testing/index.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'

const text = 'text' as const
const access = {
  roles: {
    chief: {
      permissions: ['*:orders', 'read:notes', '*:security:roles', 'write:security:users'],
      deny: ['delete:orders'],
    },
    clerk: { permissions: ['read:orders'] },
    reader: { permissions: ['read:notes'] },
  },
  resources: {
    orders: { columns: { id: text, owner: text, total: 'number' as const }, owner: 'owner' },
    notes: {},
  },
}

/** Somebody with an account, and as who gives or defines roles. */
export interface Holder {
  readonly id: string
  readonly giver: { readonly userId: string; readonly roles: readonly string[] }
}

/** Two nodes on one database, whose roles are made while they run. */
export class RoleNodes {
  /** None before the suite has begun. */
  readonly all: readonly TestSecurity[]
  #count = 0

  constructor(all: readonly TestSecurity[]) {
    this.all = all
  }

  security(node = 0): TestSecurity['security'] {
    return (this.all[node] ?? never()).security
  }

  roles(node = 0): TestSecurity['security']['roles'] {
    return this.security(node).roles
  }

  /** Another number each time. */
  next(): number {
    return ++this.#count
  }

  /** A name that no role has. */
  name(): string {
    return `made-${this.next()}`
  }

  /** Lets a node hear what the other has changed. */
  poll(node: number): Promise<unknown> {
    return this.security(node).parts.ground.revocations.poll()
  }

  /** An account that holds these roles, and is in use though nobody waited for a hash. */
  async somebody(...held: readonly string[]): Promise<Holder> {
    const email = `one${this.next()}@example.com`
    const { parts, users } = this.security()
    const { id } = await users.invite({ email, roles: held })
    await parts.ground.database.transaction((trx) =>
      trx.updateTable('hf_users').set({ status: 'active' }).where('id', '=', id).execute(),
    )
    return { id, giver: { userId: id, roles: held } }
  }

  /** The same with an address that counts as verified, so that they may be a member. */
  async member(...held: readonly string[]): Promise<Holder> {
    const email = `one${this.next()}@example.com`
    const account = { email, password: 'correct horse battery staple 42' }
    const { id } = await this.security().users.create({ ...account, roles: held })
    return { id, giver: { userId: id, roles: held } }
  }

  /** A new organisation; answers its short name. */
  async organisation(): Promise<string> {
    const slug = `acme-${this.next()}`
    await this.security().organisations.create({ name: 'Acme', slug })
    return slug
  }

  /** What an account may do, as a node sees it. */
  async may(userId: string, permission: string, node = 0): Promise<boolean> {
    return (await this.security(node).access.explain({ userId, permission })).allowed
  }
}

/** The suite on every engine, each with two nodes on a database of its own. */
export function describeRoles(title: string, suite: (nodes: () => RoleNodes) => void): void {
  describeEngines(title, (engine) => {
    let fresh: FreshDatabase
    let nodes: RoleNodes | undefined

    beforeAll(async () => {
      fresh = await freshDatabase(engine)
      const masterKey = randomBytes(32).toString('base64url')
      const open = () => createTestSecurity({ database: fresh.url, access, masterKey })
      nodes = new RoleNodes([await open(), await open()])
      for (const node of nodes.all) await node.security.parts.ground.jobs.stop()
    })
    afterAll(async () => {
      await Promise.all((nodes?.all ?? []).map((node) => node.close()))
      await fresh?.drop()
    })
    suite(() => nodes ?? never())
  })
}

/** For a place that a test must not reach. */
export function never(): never {
  throw new Error('this never happens')
}
