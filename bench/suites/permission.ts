import { benchLoops } from '../harness/micro.ts'
import type { Suite } from '../harness/suite.ts'
import type { Goal } from '../harness/verdict.ts'

const small = '1 thousand users, 100 roles'
const large = '1 million users, 10 thousand roles'

/** The most nanoseconds that a kind may take. */
function atMost(of: string, most: number): Goal {
  return { text: `${of}, ns`, metric: 'ns', of, atMost: most }
}

/** One permission check: what a caller holds, beside others, and amid ever more users and roles. */
export const permission: Suite = {
  name: 'permission',
  title: 'one permission check',
  packages: ['@casl/ability', 'casbin'],
  columns: [
    { metric: 'ns', title: 'CPU ns', digits: 1 },
    { metric: 'wallNs', title: 'clock ns', digits: 1 },
  ],
  plan: {
    metric: 'ns',
    baseline: 'Set, no more',
    controls: [{ cheaper: 'Set, no more', dearer: 'wildcard', metric: 'ns' }],
    goals: [
      atMost('literal', 50),
      atMost('wildcard', 150),
      atMost('12 roles', 150),
      {
        text: 'amid 1 million users and 10 thousand roles, beside the smallest size',
        metric: 'ns',
        of: large,
        to: small,
        atMost: 1.3,
      },
    ],
  },
  run: (depth) =>
    benchLoops(
      'permission',
      [
        ...['Set, no more', 'literal', 'wildcard', '12 roles', 'wildcard, never asked'],
        ...['CASL, literal', 'CASL, wildcard', 'CASL, 12 roles', 'casbin, 12 roles'],
        ...[small, large],
      ],
      depth,
    ),
}
