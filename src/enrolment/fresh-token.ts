import { type RenewedSecret, subjectOf } from '../sessions/index.ts'
import type { EnrolmentParts } from './parts.ts'

/** An access token of a session as it is now; both undefined for transport `session`, which has none. */
export interface FreshToken {
  readonly accessToken: string | undefined
  /** Seconds that it lives. */
  readonly expiresIn: number | undefined
}

const none: FreshToken = { accessToken: undefined, expiresIn: undefined }

/**
 * A token that says what the session has proven by its change: those of before stay as low as they were
 * made. None where the session has ended since: the change is done, and what it answers is still told.
 */
export async function freshToken(
  { tokens, verdicts }: Pick<EnrolmentParts, 'tokens' | 'verdicts'>,
  sessionId: string,
  { transport }: RenewedSecret,
): Promise<FreshToken> {
  if (transport === 'session') return none
  const session = await verdicts.load({ sessionId })
  if (!session.ok) return none
  return { accessToken: tokens.mint(subjectOf(session)), expiresIn: tokens.lifetimeSeconds }
}
