import type { EventDefinitions } from '../events/index.ts'

/** `factor.code_used`: a recovery code proved a second factor; it works no more. */
export interface FactorCodeUsed {
  readonly userId: string
  /** Codes that still work. */
  readonly left: number
}

declare module '../events/event.ts' {
  interface EventMap {
    'factor.code_used': FactorCodeUsed
  }
}

export const factorEvents: EventDefinitions<'factor.code_used'> = {
  'factor.code_used': { severity: 'low', auditClass: 'security', keep: ['userId', 'left'] },
}
