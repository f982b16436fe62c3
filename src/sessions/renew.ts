import { hashToken, newToken } from '../crypto/index.ts'
import type { Trx } from '../database/index.ts'
import type { Clock, Random } from '../ports/index.ts'
import {
  claimSession,
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

/**
 * Gives a live session another secret, and whoever copied the one before holds nothing any more: not
 * even a spent token whose use would end the session. Its revocation has to be announced before.
 */
export async function renewSecret(
  trx: Trx,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  { id, transport }: { readonly id: string; readonly transport: Transport },
): Promise<RenewedSecret> {
  const token = newToken(random)
  if (transport === 'session') {
    const replaced = await replaceToken(trx, id, hashToken(token))
    return replaced ? { transport, sessionToken: token } : { transport }
  }
  const latest = (await claimSession(trx, id)) && (await findLatestRefreshToken(trx, id))
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
