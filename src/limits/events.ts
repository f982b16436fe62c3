import type { EventDefinitions } from '../events/index.ts'

/** All refusals of one key by one policy within a minute. */
export interface LimitRefused {
  readonly policy: string
  /** The start of a keyed hash: tells keys apart without telling them. */
  readonly keyHash: string
  /** The client's address or network, for policies that count clients alone. */
  readonly client?: string
  readonly refusals: number
  /** First refusal, epoch milliseconds. */
  readonly since: number
}

declare module '../events/event.ts' {
  interface EventMap {
    'limit.refused': LimitRefused
  }
}

export const limitEvents: EventDefinitions<'limit.refused'> = {
  'limit.refused': {
    severity: 'low',
    auditClass: 'security',
    keep: ['policy', 'keyHash', 'client', 'refusals', 'since'],
  },
}
