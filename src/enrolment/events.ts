import type { EventDefinitions } from '../events/index.ts'

/** What can be enrolled. */
export type EnrolledFactor = 'totp' | 'passkey'

/** `factor.enabled`: a second factor was added, or replaced its predecessor; the other sessions ended. */
export interface FactorEnabled {
  readonly userId: string
  readonly factor: EnrolledFactor
}

/** `factor.disabled`: its owner took a second factor away; the other sessions ended. */
export interface FactorDisabled {
  readonly userId: string
  readonly factor: EnrolledFactor
}

/** `factor.codes_renewed`: a new set of recovery codes; those of before are dead. */
export interface FactorCodesRenewed {
  readonly userId: string
}

/** `factor.reset`: an administrator, code or the command line took every second factor away. */
export interface FactorReset {
  readonly userId: string
  /** The administrator who asked for it first, where two are needed. */
  readonly requestedBy?: string
}

/** `passkey.renamed`: its owner gave a passkey another name. Neither name is kept in the record. */
export interface PasskeyRenamed {
  readonly userId: string
  readonly passkeyId: string
}

declare module '../events/event.ts' {
  interface EventMap {
    'factor.enabled': FactorEnabled
    'factor.disabled': FactorDisabled
    'factor.codes_renewed': FactorCodesRenewed
    'factor.reset': FactorReset
    'passkey.renamed': PasskeyRenamed
  }
}

const change = { severity: 'low', auditClass: 'security' } as const

export const enrolmentEvents: EventDefinitions<
  'factor.enabled' | 'factor.disabled' | 'factor.codes_renewed' | 'factor.reset' | 'passkey.renamed'
> = {
  'factor.enabled': { ...change, keep: ['userId', 'factor'] },
  'factor.disabled': { ...change, severity: 'warning', keep: ['userId', 'factor'] },
  'factor.codes_renewed': { ...change, keep: ['userId'] },
  'factor.reset': { ...change, severity: 'high', keep: ['userId', 'requestedBy'] },
  'passkey.renamed': { ...change, keep: ['userId', 'passkeyId'] },
}
