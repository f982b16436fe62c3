import type { EventDefinitions } from '../events/index.ts'
import type { LaneRefusal } from './rules.ts'

/** Whose guess it was: a stranger's, a known device's, that of somebody signed in, or one at a second factor. */
export type LaneKind = 'strangers' | 'device' | 'reauth' | 'factor'

/** All guesses at one credential that were refused for one reason within a minute. */
export interface GuessesRefused {
  /** Absent when nobody has the name, and when too many keys came at once. */
  readonly userId?: string
  /** The start of a keyed hash: tells subjects apart without telling names. */
  readonly subjectHash: string
  readonly lane: LaneKind
  /** `challenge`: a CAPTCHA was due and not solved. The others are those of the lane. */
  readonly cause: LaneRefusal | 'challenge'
  readonly refusals: number
  /** First refusal, epoch milliseconds. */
  readonly since: number
}

declare module '../events/event.ts' {
  interface EventMap {
    'guesses.refused': GuessesRefused
  }
}

export const throttleEvents: EventDefinitions<'guesses.refused'> = {
  'guesses.refused': {
    severity: 'low',
    auditClass: 'security',
    keep: ['userId', 'subjectHash', 'lane', 'cause', 'refusals', 'since'],
  },
}
