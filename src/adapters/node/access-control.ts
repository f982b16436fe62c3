import { SecurityError } from '../../errors/index.ts'
import type { Exchange } from '../../http/index.ts'
import type { Security } from '../../security.ts'

/** A demand of the app's own policy. */
export interface AccessDemand {
  readonly security: Security
  readonly exchange: Exchange
  /** The permission or the roles that are asked for; without any the demand always holds. */
  readonly asked: string | undefined
}

/**
 * Makes a demand of a permission or a role. Its 403 holds while the control `access` is on. In shadow it
 * is returned, for `noteAccess` once the request goes on; while the control is off it is nothing. Any
 * other refusal holds in every mode: identity, level and proof, what may not be seen, and what the scopes
 * of an API key do not reach.
 */
export function judgeAccess(demand: AccessDemand, ask: () => void): SecurityError | undefined {
  const mode = demand.security.config.shield.access
  try {
    ask()
    return undefined
  } catch (error) {
    if (!isLack(error) || demand.asked === undefined) throw error
    if (mode === 'on' || demand.exchange.state.auth?.keyId !== undefined) {
      noteAccess(demand, error, true)
      throw error
    }
    return mode === 'shadow' ? error : undefined
  }
}

/** Counts the 403 of a demand. */
export function noteAccess(
  { asked, exchange, security }: AccessDemand,
  refusal: SecurityError,
  enforced: boolean,
): void {
  const rule = `${refusal.code} ${asked}`
  security.running?.ground.shadow.note({ control: 'access', rule, enforced, exchange })
}

function isLack(error: unknown): error is SecurityError {
  return error instanceof SecurityError && error.code === 'forbidden' && error.status === 403
}
