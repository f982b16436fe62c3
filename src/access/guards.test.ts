import { describe, expect, it } from 'vitest'
import { judgeGuard, judgeGuardRole } from './guards.ts'
import { RoleBook } from './roles.ts'

const resources = {
  projects: { columns: { owner_id: 'text' }, owner: 'owner_id', actions: ['publish'] },
} as const
const clerk = { permissions: ['read:projects', 'update:projects:own'] }
const declared = new RoleBook({ clerk }, { resources })
const free = new RoleBook({ clerk: { permissions: ['read:projects'] } })

describe('a guard', () => {
  it.each(['read:projects', 'update:projects', 'delete:projects', 'read:security:users'])(
    'for %s is passed by a role, be it for some rows',
    (permission) => {
      expect(judgeGuard(permission, declared)).toEqual({ kind: 'held' })
    },
  )

  it.each([
    ['read:porjects', 'Did you mean "projects"?'],
    ['reed:projects', 'Did you mean "read"?'],
    ['update:projects:own', "asks for 'update:projects'"],
  ])('for %s names what nobody can hold', (permission, told) => {
    expect(judgeGuard(permission, declared)).toEqual({
      kind: 'unknown',
      problem: expect.stringContaining(told),
    })
  })

  it('that only those pass who hold everything is a mistake where resources are declared', () => {
    expect(judgeGuard('publish:projects', declared)).toMatchObject({
      kind: 'unheld',
      isMistake: true,
    })
    expect(judgeGuard('publish:projects', free)).toMatchObject({ kind: 'unheld', isMistake: false })
  })

  it('is answered with what was meant', () => {
    const fix = (permission: string) => {
      const verdict = judgeGuard(permission, free)
      return verdict.kind === 'unheld' ? verdict.fix : verdict.kind
    }
    expect(fix('projects:read')).toContain('did you mean read:projects?')
    expect(fix('raed:projects')).toContain('did you mean read:projects?')
    expect(fix('launch:rockets')).toBe('give it to a role in access.roles')
  })

  it('is passed by a role that an administrator made', () => {
    const book = new RoleBook({}, { resources })
    book.replaceCustom({ editor: { permissions: ['publish:projects'] } })
    expect(judgeGuard('publish:projects', book)).toEqual({ kind: 'held' })
  })

  it('that nobody passes yet is no mistake where administrators make roles', () => {
    const book = new RoleBook({}, { resources })
    book.replaceCustom({ reader: { permissions: ['read:projects'] } })
    expect(judgeGuard('publish:projects', book)).toMatchObject({ kind: 'unheld', isMistake: false })
  })
})

describe('a guard for a role', () => {
  const book = new RoleBook({ clerk: { permissions: ['read:orders'] } })

  it.each(['clerk', 'manager'])('that is there, such as %s, is passed by its holders', (role) => {
    expect(judgeGuardRole(role, book)).toEqual({ kind: 'held' })
  })

  it.each(['', 'Clerk', 'toString', 'a b', 'x'.repeat(65)])('of no name, %j, is none', (role) => {
    expect(judgeGuardRole(role, book)).toMatchObject({ kind: 'unknown' })
  })

  it('that is not there is never a mistake, and says how to make it', () => {
    expect(judgeGuardRole('auditor', book)).toEqual({
      ...{ kind: 'unheld', isMistake: false },
      fix: expect.stringMatching(/^define it in access\.roles, .*holdfast roles set auditor\. /),
    })
    const near = expect.stringContaining('Did you mean "clerk"?')
    expect(judgeGuardRole('clerc', book)).toMatchObject({ isMistake: false, fix: near })
  })

  it('that administrators made is passed by its holders, and may be what another one meant', () => {
    const run = new RoleBook({ clerk: { permissions: ['read:orders'] } })
    run.replaceCustom({ auditor: { permissions: ['read:orders'] } })
    expect(judgeGuardRole('auditor', run)).toEqual({ kind: 'held' })
    expect(judgeGuardRole('buyer', run)).toMatchObject({ kind: 'unheld', isMistake: false })
    const near = expect.stringContaining('Did you mean "auditor"?')
    expect(judgeGuardRole('auditer', run)).toMatchObject({ isMistake: false, fix: near })
  })
})

describe('a role of which not all is known', () => {
  const read = { permissions: ['read:orders'] }
  const lost = { permissions: ['read:orders'], deny: ['not a pattern'] }

  it('is none that nobody passes by: gone, there twice, not read, or the heir of such a one', () => {
    const book = new RoleBook({ clerk: read })
    book.replaceCustom({
      ...{ auditor: read, clerk: read, broken: lost },
      heir: { ...read, inherits: ['broken'] },
      orphan: { ...read, inherits: ['gone'] },
      whole: { ...read, inherits: ['auditor', 'manager'] },
    })
    for (const role of ['auditor', 'whole', 'manager']) expect(book.isWhole(role), role).toBe(true)
    for (const role of ['clerk', 'broken', 'heir', 'orphan', 'gone', 'constructor']) {
      expect(book.isWhole(role), role).toBe(false)
    }
  })
})
