import { benchLoops } from '../harness/micro.ts'
import type { Suite } from '../harness/suite.ts'

/** What it costs to judge a new password, and to be able to. */
export const passwords: Suite = {
  name: 'passwords',
  title: 'judge a new password: time, start-up and memory of filter and zxcvbn',
  packages: ['@zxcvbn-ts/core', '@zxcvbn-ts/language-common'],
  columns: [
    { metric: 'ns', title: 'CPU ns', digits: 0 },
    { metric: 'wallNs', title: 'clock ns', digits: 0 },
    { metric: 'readyMs', title: 'first answer ms', digits: 1 },
    { metric: 'mb', title: 'RSS MB', digits: 1 },
  ],
  plan: {
    metric: 'ns',
    baseline: 'sha256, no more',
    controls: [
      { cheaper: 'sha256, no more', dearer: 'filter', metric: 'ns' },
      { cheaper: 'filter', dearer: 'zxcvbn and filter', metric: 'ns' },
    ],
    goals: [
      { text: 'look-up in the filter, ns', metric: 'ns', of: 'filter', atMost: 10_000 },
      { text: 'memory of the filter, MB', metric: 'mb', of: 'filter', atMost: 4 },
      {
        text: 'a check by the policy, ns of the clock',
        metric: 'wallNs',
        of: 'policy, in its thread',
        atMost: 10_000_000,
      },
      {
        text: 'first answer of the policy, ms',
        metric: 'readyMs',
        of: 'policy, in its thread',
        atMost: 500,
      },
    ],
  },
  run: (depth) =>
    benchLoops(
      'passwords',
      ['sha256, no more', 'filter', 'zxcvbn and filter', 'policy, in its thread'],
      depth,
    ),
}
