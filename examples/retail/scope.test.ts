import { describe, expect, test } from 'vitest'
import { type Assignment, scopeOf } from './scope.ts'

function assigned(storeId: string | null): Assignment {
  return {
    userId: 'u',
    email: 'u@example.com',
    companyId: 'one',
    storeId,
    assignedBy: 'admin',
    assignedAt: 0,
  }
}

const company = { kind: 'scope', scope: { companyId: 'one', storeId: null } }
const store = { kind: 'scope', scope: { companyId: 'one', storeId: 's' } }
const none = (reason: string) => ({ kind: 'none', reason })

describe('what somebody sees follows from role and assignment', () => {
  test.each([
    ['an administrator sees her company', ['admin'], assigned(null), company],
    ['a manager sees his company', ['user', 'manager'], assigned(null), company],
    ['a manager sees his company though a store is noted', ['manager'], assigned('s'), company],
    ['an employee sees her store', ['user', 'employee'], assigned('s'), store],
    ['an employee without a store sees nothing', ['employee'], assigned(null), none('no_store')],
    ['a mere user sees nothing', ['user'], assigned('s'), none('no_role')],
    ['somebody without roles sees nothing', [], assigned(null), none('no_role')],
    [
      'a super administrator sees no business data',
      ['super_admin'],
      assigned(null),
      none('no_role'),
    ],
    ['a manager without a company sees nothing', ['manager'], undefined, none('no_company')],
    ['an administrator without a company sees nothing', ['admin'], undefined, none('no_company')],
  ])('%s', (_, roles, assignment, expected) => {
    expect(scopeOf(roles, assignment)).toEqual(expected)
  })
})
