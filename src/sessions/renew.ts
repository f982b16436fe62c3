import { hashToken, newToken } from '../crypto/index.ts'
import type { Trx } from '../database/index.ts'
import type { Clock, Random } from '../ports/index.ts'
import { challenges, sessionErrors } from './errors.ts'
import {
  claimSession,
  countRenewal,
  deleteRefreshTokensOf,
  findLatestRefreshToken,
  insertRefreshToken,
  replaceToken,
} from './store.ts'
import type { Transport } from './table.ts'

/** The new secret of a session that goes on; it exists only here. None for a session that ended. */
export interface RenewedSecret {
  readonly transport: Transport
  readonly sessionToken?: string
  readonly refreshToken?: string
}

/** Whose secret is replaced, and for whom. */
export interface RenewalRequest {
  readonly id: string
  readonly transport: Transport
  /** What the secret's version was as the credential of whoever asks was made. */
  readonly secretVersion: number
}

/**
 * What somebody hears whose credential was made before the session's secret was last replaced: to
 * refresh, which the owner can and whoever holds a copy cannot.
 */
export const outdated = () => sessionErrors.token_expired({ headers: challenges.expired })

/**
 * Gives a live session another secret, and whoever copied the one before holds nothing any more: not
 * even a spent token whose use would end the session. Its revocation has to be announced before. Throws
 * `token_expired` for a credential from before the last replacement, so that a copy of an access token
 * is never traded for the session itself.
 */
export async function renewSecret(
  trx: Trx,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  { id, secretVersion, transport }: RenewalRequest,
): Promise<RenewedSecret> {
  if (!(await claimSession(trx, id))) return { transport }
  if (!(await countRenewal(trx, id, secretVersion))) throw outdated()
  const token = newToken(random)
  if (transport === 'session') {
    const replaced = await replaceToken(trx, id, hashToken(token))
    return replaced ? { transport, sessionToken: token } : { transport }
  }
  const latest = await findLatestRefreshToken(trx, id)
  if (!latest) return { transport }
  await deleteRefreshTokensOf(trx, id)
  await insertRefreshToken(trx, {
    token_hash: hashToken(token),
    session_id: id,
    parent_hash: null,
    created_at: clock.now(),
    used_at: null,
    client_hash: latest.client_hash,
  })
  return { transport, refreshToken: token }
}
