import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { AccessOptions, SecurityOptions } from './index.ts'
import { resolveConfig } from './resolve.ts'

const required = {
  baseUrl: 'https://app.example.com',
  masterKey: randomBytes(32).toString('base64url'),
}

const resources = {
  projects: {
    columns: { owner_id: 'text', archived: 'boolean', budget: 'number' },
    owner: 'owner_id',
    actions: ['publish'],
  },
  tasks: { columns: { title: 'text' } },
} as const

const resolve = (access: AccessOptions, more: Partial<SecurityOptions> = {}) =>
  resolveConfig({ ...required, ...more, access })

const problemsOf = (access: AccessOptions, more: Partial<SecurityOptions> = {}): string => {
  try {
    resolve(access, more)
  } catch (error) {
    return String(error instanceof Error && error.message)
  }
  return ''
}

type Roles = NonNullable<AccessOptions['roles']>
const role = (...permissions: unknown[]) => ({ clerk: { permissions } }) as Roles

describe('a permission names what is declared', () => {
  it.each([
    ['read:porjects', 'access.roles.clerk.permissions[0] names the resource', '"projects"'],
    ['reed:projects', 'access.roles.clerk.permissions[0] names the action', '"read"'],
    ['publish:tasks', 'access.roles.clerk.permissions[0] names the action', "'publish'"],
  ])('%s is refused with its place and what was meant', (permission, place, meant) => {
    const found = problemsOf({ resources, roles: role(permission) })
    expect(found).toContain(place)
    expect(found).toContain(meant)
  })

  it.each([
    'read:projects',
    'publish:projects',
    '*:*',
    'publish:*',
    'read:security:users',
    'read:own',
    'read:public',
    'read:projects:*',
    '*',
  ])('%s is fine', (permission) => {
    expect(problemsOf({ resources, roles: role(permission) })).toBe('')
  })

  it('an action of the option is one of every resource', () => {
    expect(problemsOf({ resources, actions: ['approve'], roles: role('approve:tasks') })).toBe('')
    expect(problemsOf({ resources, roles: role('approve:tasks') })).toContain("'approve'")
  })

  it('while nothing is declared, every word is free', () => {
    expect(problemsOf({ roles: role('reed:porjects', 'read:projects:own') })).toBe('')
  })

  it("Holdfast's own resource is nobody else's", () => {
    expect(problemsOf({ resources: { security: {} } })).toContain('access.resources.security')
  })
})

describe('a condition fits its resource', () => {
  const when = (condition: unknown) => role({ permission: 'read:projects', when: condition })

  it.each([
    [{ column: 'budgte', moreThan: 5 }, '.when', 'budget'],
    [{ column: 'budget', equals: 'much' }, '.when', 'number'],
    [{ column: 'budget' }, '.when', 'exactly one'],
    [{ tenant: true }, '.when', 'tenant'],
    [
      {
        all: [
          { column: 'budget', equals: 1 },
          { column: 'budget', equals: 2 },
        ],
      },
      '.when',
      '',
    ],
    [{ column: 'archived', equals: { attribute: 'nobody' } }, '.when', 'attribute'],
  ])('%j is refused with its place', (condition, place, word) => {
    const found = problemsOf({ resources, roles: when(condition) })
    expect(found).toContain(`access.roles.clerk.permissions[0]${place}`)
    expect(found).toContain(word)
  })

  it('a condition on a column needs a resource that has it', () => {
    const everything = role({ permission: 'read:*', when: { column: 'budget', equals: 1 } })
    expect(problemsOf({ resources, roles: everything })).toContain('permissions[0].when')
    expect(
      problemsOf({ resources, roles: role({ permission: 'read:*', when: { level: 2 } }) }),
    ).toBe('')
  })

  it("':own' is for a resource that has an owner", () => {
    expect(problemsOf({ resources, roles: role('read:projects:own') })).toBe('')
    expect(problemsOf({ resources, roles: role('read:tasks:own') })).toContain(
      "access.roles.clerk.permissions[0] is for one's own rows",
    )
  })

  it('an owner column holds an id', () => {
    const numbered = { projects: { columns: { owner_id: 'number' }, owner: 'owner_id' } } as const
    expect(problemsOf({ resources: numbered })).toContain('access.resources.projects.owner must be')
  })
})

describe('a role that contradicts itself is refused', () => {
  it.each([
    [['read:orders'], ['read:orders']],
    [['create:orders'], ['write:orders']],
    [['read:orders:lines'], ['read:*']],
    [['read:*'], ['*']],
  ])('%j with the denial %j', (permissions, deny) => {
    const found = problemsOf({ roles: { clerk: { permissions, deny } } })
    expect(found).toContain(`access.roles.clerk.deny[0] takes away all that '${permissions[0]}'`)
  })

  it('a denial that leaves something is none', () => {
    const clerk = {
      permissions: ['read:*', 'write:orders'],
      deny: ['read:salaries', 'create:orders'],
    }
    expect(problemsOf({ roles: { clerk } })).toBe('')
  })

  it('the same condition on both sides is one, another is none', () => {
    const of = (when: object) => ({ permission: 'read:projects', when })
    const clerk = (deny: object) =>
      ({
        clerk: { permissions: [of({ owner: true })], deny: [of(deny)] },
      }) as Roles
    expect(problemsOf({ resources, roles: clerk({ owner: true }) })).toContain('deny[0]')
    expect(problemsOf({ resources, roles: clerk({ column: 'archived', equals: true }) })).toBe('')
  })
})

describe('the matrix', () => {
  const owned = { owner: true } as const

  it('writes the same rules as permissions do', () => {
    const matrix = { clerk: { projects: { read: true, update: owned, delete: false } } }
    expect(resolve({ resources, matrix }).access.roles.clerk).toEqual({
      permissions: ['read:projects', { permission: 'update:projects', when: owned }],
      deny: [],
      inherits: [],
    })
  })

  it('adds to the permissions of a role that is written out', () => {
    const config = resolve({
      resources,
      roles: { clerk: { permissions: ['read:tasks'], inherits: ['user'] } },
      matrix: { clerk: { projects: { read: true } } },
    })
    expect(config.access.roles.clerk).toMatchObject({
      permissions: ['read:tasks', 'read:projects'],
      inherits: ['user'],
    })
  })

  it('replaces a system role as a whole, as `roles` does', () => {
    const { roles } = resolve({ matrix: { manager: { projects: { read: true } } } }).access
    expect(roles.manager?.permissions).toEqual(['read:projects'])
  })

  it('its mistakes have the place of the cell', () => {
    const matrix = { clerk: { projetcs: { read: true }, tasks: { reed: true, read: owned } } }
    const found = problemsOf({ resources, matrix })
    expect(found).toContain('access.matrix.clerk.projetcs.read names the resource')
    expect(found).toContain('access.matrix.clerk.tasks.reed names the action')
    expect(found).toMatch(/access\.matrix\.clerk\.tasks\.read\.owner needs/)
  })

  it('holds nothing for the super administrator', () => {
    expect(problemsOf({ matrix: { super_admin: { tasks: { read: true } } } })).toContain(
      'access.matrix.super_admin is the super-admin role',
    )
  })
})

describe('roles of organisations', () => {
  it('are there, and neither is the super administrator', () => {
    const organisations = { ownerRole: 'ownr', memberRole: 'super_admin' }
    const found = problemsOf({}, { organisations })
    expect(found).toContain('organisations.ownerRole names a role that does not exist')
    expect(found).toContain('organisations.memberRole must not be the super-admin role')
  })
})
