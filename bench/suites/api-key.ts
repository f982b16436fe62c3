import { benchLoops } from '../harness/micro.ts'
import type { Suite } from '../harness/suite.ts'

const kinds = [
  ...['sha256, no more', 'sha256 and a Map'],
  ...['known key', 'known key with address ranges'],
]

/** What the check of an API key costs that the node knows. */
export const apiKey: Suite = {
  name: 'api-key',
  title: 'check a known API key',
  packages: [],
  columns: [
    { metric: 'ns', title: 'CPU ns', digits: 0 },
    { metric: 'wallNs', title: 'clock ns', digits: 0 },
  ],
  plan: {
    metric: 'ns',
    baseline: 'sha256, no more',
    controls: [{ cheaper: 'sha256, no more', dearer: 'known key', metric: 'ns' }],
    goals: [
      ...['known key', 'known key with address ranges'].map((of) => ({
        ...{ text: `${of}, ns`, metric: 'ns', of, atMost: 4_000 },
      })),
    ],
  },
  run: (depth) => benchLoops('api-key', kinds, depth),
}
