import fc from 'fast-check'
import { expect, it } from 'vitest'
import { definitions, nearOf, question } from '../../test/access/rule-arbitraries.ts'
import { type Asker, expected, expression } from '../../test/access/rule-reference.ts'
import { narrow } from './narrow.ts'
import { reachOf } from './reach.ts'
import { RoleBook } from './roles.ts'

const resources = {
  notes: { tenant: false },
  docs: {
    columns: { owner: 'text', kind: 'text', size: 'number' },
    owner: 'owner',
    tenant: 'tenant',
  },
} as const

const clock = { now: () => 0 } as never

it('conditions, denials, inheritance, organisations and scopes: 100,000 cases agree with an independent reference', () => {
  const counts = {
    allowed: 0,
    denied: 0,
    withNull: 0,
    withDeny: 0,
    local: 0,
    scoped: 0,
    byCondition: 0,
    unicode: 0,
    untold: 0,
    deniedWrites: 0,
  }
  fc.assert(
    fc.property(
      definitions,
      fc.array(question, { minLength: 20, maxLength: 20 }),
      (roles, asked) => {
        const book = new RoleBook({}, { resources, attributes: { favourite: 'text' } })
        const faults = book.replaceCustom(roles)
        expect(faults.filter(({ problem }) => !/takes away/.test(problem))).toEqual([])
        for (const { near, row, scope, wanted: other, ...question } of asked) {
          const { favourite, level, organisation } = question
          const local = organisation === undefined ? [] : question.local
          const asker: Asker = { ...question, local }
          const wanted = nearOf(roles, asker, { near, other })
          const held = book.permissionsIn(asker.roles, local)
          const permissions = scope === undefined ? held : narrow(held, [scope])
          const named = organisation === undefined ? {} : { organisation }
          const caller = { userId: 'me', level, requiredLevel: 1, roles: [], ...named } as const
          const facts = favourite === undefined ? {} : { attributes: { favourite } }
          const reach = reachOf(permissions, caller, {
            clock,
            vocabulary: book.vocabulary,
            dialect: 'sqlite',
          })
          const inScope = scope === undefined || expression(scope).test(wanted)
          const answer = inScope && expected(roles, asker, { row, wanted })
          const what = JSON.stringify({ roles, asker, wanted, row, scope })
          expect(reach.can(wanted, row, facts), what).toBe(answer)
          expect(reach.rows(wanted, undefined, facts).check(row), what).toBe(answer)
          expect(reach.explain(wanted, row, facts).allowed, what).toBe(answer)
          expect(permissions.has(wanted) && !answer, what).toBe(false)
          expect(answer && !permissions.some(wanted), what).toBe(false)
          expect(reach.can(wanted, undefined, facts) && !answer, what).toBe(false)
          counts[answer ? 'allowed' : 'denied'] += 1
          if (row.owner === null || row.kind === null) counts.withNull += 1
          if (held.denied.length > 0) counts.withDeny += 1
          if (local.length > 0) counts.local += 1
          if (scope !== undefined) counts.scoped += 1
          if (row.kind === 'ü') counts.unicode += 1
          if (organisation === undefined || favourite === undefined) counts.untold += 1
          if (wanted.startsWith('write:') && !answer) counts.deniedWrites += 1
          if (permissions.some(wanted) && !permissions.has(wanted)) counts.byCondition += 1
        }
      },
    ),
    { numRuns: 5_000, seed: 25 },
  )
  console.log(`rule sets: ${JSON.stringify(counts)}`)
  expect(counts.allowed + counts.denied).toBe(100_000)
  expect(Math.min(counts.allowed, counts.denied)).toBeGreaterThan(30_000)
  expect(
    Math.min(counts.withNull, counts.withDeny, counts.local, counts.byCondition),
  ).toBeGreaterThan(10_000)
}, 240_000)
