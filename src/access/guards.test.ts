import { describe, expect, it } from 'vitest'
import { judgeGuard } from './guards.ts'
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
