import { benchLoops } from '../harness/micro.ts'
import type { Suite } from '../harness/suite.ts'

const kinds = ['one HMAC', 'unseal, read, compare', 'otplib'] as const

/** What verifying a code of an authenticator app costs, beside the database. */
export const factors: Suite = {
  name: 'factors',
  title: 'verify a code of an authenticator app',
  packages: ['otplib'],
  columns: [
    { metric: 'ns', title: 'CPU ns', digits: 0 },
    { metric: 'wallNs', title: 'clock ns', digits: 0 },
  ],
  plan: {
    metric: 'ns',
    baseline: 'one HMAC',
    controls: [{ cheaper: 'one HMAC', dearer: 'unseal, read, compare', metric: 'ns' }],
    goals: [
      {
        text: 'our own code over one HMAC, ns',
        ...{ metric: 'ns', of: 'unseal, read, compare', over: 'one HMAC', atMost: 10_000 },
      },
    ],
  },
  run: (depth) => benchLoops('factors', kinds, depth),
}
