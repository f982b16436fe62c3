import { benchLoops } from '../harness/micro.ts'
import type { Column } from '../harness/report.ts'
import type { Suite } from '../harness/suite.ts'
import type { Goal } from '../harness/verdict.ts'

export const nanoseconds: Column = { metric: 'ns', title: 'CPU ns', digits: 0 }
export const byTheClock: Column = { metric: 'wallNs', title: 'clock ns', digits: 0 }
const algorithms = ['EdDSA', 'ES256', 'HS256'] as const

/** The most nanoseconds that a kind may take. */
export function atMost(of: string, most: number): Goal {
  return { text: `${of}, ns`, metric: 'ns', of, atMost: most }
}

/** Verification of an access token, remembered and at first sight. */
export const token: Suite = {
  name: 'token',
  title: 'verify an access token',
  packages: ['jose'],
  columns: [nanoseconds, byTheClock],
  plan: {
    metric: 'ns',
    baseline: 'sha256, no more',
    controls: [
      { cheaper: 'sha256, no more', dearer: 'remembered, in the pipeline', metric: 'ns' },
      { cheaper: 'remembered, in the pipeline', dearer: 'EdDSA first sight', metric: 'ns' },
    ],
    goals: [
      atMost('remembered, in the pipeline', 1_200),
      ...algorithms.map(
        (algorithm): Goal => ({
          text: `${algorithm} first sight beside bare node:crypto`,
          metric: 'ns',
          of: `${algorithm} first sight`,
          to: `${algorithm} node:crypto`,
          atMost: 1.3,
        }),
      ),
    ],
  },
  run: (depth) =>
    benchLoops(
      'token',
      [
        'sha256, no more',
        'remembered, in the pipeline',
        'remembered, tokens.verify',
        ...algorithms.flatMap((name) => [
          `${name} node:crypto`,
          `${name} first sight`,
          `${name} jose`,
        ]),
      ],
      depth,
    ),
}

/** All security headers, on a response that is written to nowhere. */
export const headers: Suite = {
  name: 'headers',
  title: 'security headers with a nonce',
  packages: ['helmet'],
  columns: [nanoseconds, byTheClock],
  plan: {
    metric: 'ns',
    baseline: 'no headers',
    controls: [{ cheaper: 'no headers', dearer: 'Holdfast', metric: 'ns' }],
    goals: [
      {
        text: 'Holdfast beside a setHeader loop',
        metric: 'ns',
        of: 'Holdfast',
        to: 'setHeader loop',
        atMost: 1,
      },
      {
        text: 'Holdfast beside helmet',
        metric: 'ns',
        of: 'Holdfast',
        to: 'helmet',
        atMost: 1,
      },
    ],
  },
  run: (depth) =>
    benchLoops(
      'headers',
      ['no headers', 'setHeader loop', 'Holdfast', 'Holdfast, refusal', 'helmet'],
      depth,
    ),
}

/** Whether an address may pass, among few rules and as many as there can be. */
export const ipRules: Suite = {
  name: 'ip-rules',
  title: 'look an address up among rules',
  packages: [],
  columns: [nanoseconds, byTheClock],
  plan: {
    metric: 'ns',
    baseline: 'no rule',
    controls: [{ cheaper: 'no rule', dearer: 'Holdfast, 100,000 rules', metric: 'ns' }],
    goals: [atMost('Holdfast, 100,000 rules', 1_000)],
  },
  run: (depth) =>
    benchLoops(
      'ip-rules',
      [
        ...['no rule', 'Holdfast, 100 rules', 'Holdfast, 100,000 rules'],
        ...['BlockList, 100 rules', 'BlockList, 100,000 rules'],
      ],
      depth,
    ),
}

/** Recognition of attacks in a body that was parsed, and in what stands before it. */
export const detect: Suite = {
  name: 'detect',
  title: 'look for attacks in a request',
  packages: [],
  columns: [nanoseconds, byTheClock],
  plan: {
    metric: 'ns',
    baseline: 'parse it, no more',
    controls: [{ cheaper: 'JSON, 1 KB', dearer: 'JSON, 10 KB', metric: 'ns' }],
    goals: [
      atMost('JSON, 1 KB', 50_000),
      {
        text: '1 MB beside ten times 100 KB',
        metric: 'ns',
        of: 'JSON, 1 MB',
        to: 'JSON, 100 KB',
        atMost: 13,
      },
    ],
  },
  run: (depth) =>
    benchLoops(
      'detect',
      [
        ...['parse it, no more', 'JSON, 1 KB', 'JSON, 10 KB', 'JSON, 100 KB', 'JSON, 1 MB'],
        ...['list of patterns, 1 KB', 'list of patterns, 1 MB', 'path, query, headers'],
      ],
      depth,
    ),
}
