import type { Trx } from '../database/index.ts'
import type { Origin, Recorder } from '../events/index.ts'
import { discardUnconfirmed } from '../users/index.ts'

/** An address that has just proven to be the account's. */
export interface ProvenAddress {
  readonly realm: string
  readonly canonical: string
  /** Whose it is. */
  readonly userId: string
  readonly origin: Origin
}

/** Discards what somebody registered for an address and never confirmed, with its record. */
export async function discardOther(
  trx: Trx,
  { recorder }: { readonly recorder: Recorder },
  { canonical, origin, realm, userId }: ProvenAddress,
): Promise<void> {
  const discarded = await discardUnconfirmed(trx, { realm, canonical })
  if (discarded === undefined) return
  await recorder.record(trx, {
    name: 'user.discarded',
    actor: { kind: 'user', id: userId },
    resource: { kind: 'user', id: discarded },
    origin,
    payload: { userId: discarded },
  })
}
