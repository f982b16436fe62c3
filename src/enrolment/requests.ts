import type { Actor, Origin } from '../events/index.ts'
import type { Auth } from '../http/index.ts'
import type { PasskeyRow } from '../passkeys/index.ts'
import type { RenewedSecret } from '../sessions/index.ts'
import type { FreshToken } from './fresh-token.ts'

/**
 * Something that the owner of an account does to its second factors. `auth` holds a fresh proof: younger
 * than the option `stepUp.within`, and of level 2 where the account has a second factor already. It is the
 * object that the request got, no copy of it: a node knows by the object what credential was shown.
 */
export interface FactorRequest {
  readonly auth: Auth
  readonly origin: Origin
}

/** A code of the authenticator app that a secret was added to. */
export interface TotpCode extends FactorRequest {
  readonly code: string
}

/** Who asks for a new passkey, and from which browser. */
export interface PasskeyOptionsRequest {
  readonly auth: Auth
  /** Token of the browser's flow cookie; the user agent of a native client. */
  readonly browser: string
}

/** What the authenticator answered. */
export interface NewPasskeyRequest extends FactorRequest {
  readonly browser: string
  readonly response: Readonly<Record<string, unknown>>
  readonly name?: string | undefined
}

/** One passkey of the caller's. */
export interface PasskeyRequest extends FactorRequest {
  readonly id: string
}

/** A change is done, and this session has a new secret, and a token that says what it has proven. */
export interface FactorChanged extends FreshToken {
  readonly secret: RenewedSecret
}

/** Codes for whoever loses the second factor; they exist only here. Absent where codes of before are left. */
export interface WithCodes {
  readonly recoveryCodes?: readonly string[]
}

/** A passkey as its owner and administrators see it. Instants in epoch milliseconds. */
export interface PasskeyView {
  readonly id: string
  readonly name: string
  readonly createdAt: number
  readonly lastUsedAt: number | null
  /** Synced between devices. */
  readonly backedUp: boolean
}

/** Second factors of an account: what there is, and nothing that could prove one. */
export interface FactorOverview {
  readonly totp: { readonly since: number } | null
  readonly recoveryCodesLeft: number
  readonly passkeys: readonly PasskeyView[]
  /** Level that policy demands of this account, whatever time to comply is left. */
  readonly requiredLevel: 1 | 2
  /** When the time to comply ends; null where none runs. Epoch milliseconds. */
  readonly dueAt: number | null
}

/** Another name for one of the caller's passkeys. */
export interface PasskeyRename extends FactorRequest {
  readonly id: string
  readonly name: string
}

/** Second factors taken away by somebody else than their owner. */
export interface FactorResetRequest {
  readonly userId: string
  readonly actor: Actor
  readonly reason?: string
  readonly origin?: Origin
  /** The administrator who asked for it first, where two are needed. */
  readonly requestedBy?: string
}

export function passkeyView(row: PasskeyRow): PasskeyView {
  const { backed_up, created_at, id, last_used_at, name } = row
  return {
    ...{ id, name },
    createdAt: created_at,
    lastUsedAt: last_used_at,
    backedUp: backed_up === 1,
  }
}
