import type { EventDefinitions } from '../events/index.ts'

/** All requests of one client that one rule refused within a minute. */
export interface DetectionBlocked {
  /** Id of the first rule that spoke. */
  readonly rule: string
  /** Class of attack. */
  readonly attack: string
  /** Where it stood, such as `query.q`; never what stood there. */
  readonly field: string
  /** The client as limits count it. */
  readonly client: string
  readonly blocked: number
  /** First refusal, epoch milliseconds. */
  readonly since: number
}

declare module '../events/event.ts' {
  interface EventMap {
    'detection.blocked': DetectionBlocked
  }
}

export const detectionEvents: EventDefinitions<'detection.blocked'> = {
  'detection.blocked': {
    severity: 'warning',
    auditClass: 'security',
    keep: ['rule', 'attack', 'field', 'client', 'blocked', 'since'],
  },
}
