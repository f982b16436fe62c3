/**
 * What can be proven: a password (`pwd`), a code of an authenticator app (`otp`), a recovery code
 * (`recovery`), a passkey whose authenticator checked its user (`passkey`), one that did not (`key`).
 * E-mail is none of them: whoever reads the mailbox resets the password as well.
 */
export type Factor = 'pwd' | 'otp' | 'recovery' | 'passkey' | 'key'

/** How a second factor can be proven, as named to the client. */
export type FactorMethod = 'totp' | 'recovery_code' | 'passkey'

/** What a proof rests on: something known, or something held. */
const kinds: Readonly<Record<Factor, 'knowledge' | 'possession'>> = {
  pwd: 'knowledge',
  otp: 'possession',
  recovery: 'possession',
  passkey: 'possession',
  key: 'possession',
}

/**
 * The level of a set of proofs: two distinct kinds make level 2 (NIST SP 800-63B-4), and so does a
 * passkey alone, whose authenticator checked a PIN or a body part. The same kind twice stays level 1.
 */
export function levelOf(proven: readonly Factor[]): 0 | 1 | 2 {
  if (proven.includes('passkey')) return 2
  const distinct = new Set(proven.map((factor) => kinds[factor]))
  return distinct.size >= 2 ? 2 : distinct.size === 1 ? 1 : 0
}

/**
 * What was proven, in the words of RFC 8176, for `amr`. A recovery code is a one-time password. A key
 * is called software, the weaker of the two claims: nothing attests its hardware. Two kinds of proof,
 * or a passkey whose authenticator asked for a PIN or a body part, are `mfa` as well.
 */
export function amrOf(proven: readonly Factor[]): readonly string[] {
  const words = proven.flatMap((factor) => amr[factor])
  return [...new Set(levelOf(proven) === 2 ? [...words, 'mfa'] : words)]
}

const amr: Readonly<Record<Factor, readonly string[]>> = {
  pwd: ['pwd'],
  otp: ['otp'],
  recovery: ['otp'],
  passkey: ['swk', 'user'],
  key: ['swk', 'user'],
}

/** Who needs a second factor: see `mfa` in the options. */
export interface AssuranceRules {
  readonly required: 'optional' | 'everyone'
  readonly roles: readonly string[]
  /** Absent: nobody is given time to comply. */
  readonly graceMs?: number
}

/** Of whom a level is required. Instants in epoch milliseconds. */
export interface RequiredOf {
  readonly roles: readonly string[]
  /** When the time to comply ends; null before a sign-in has begun it. */
  readonly dueAt: number | null
  readonly now: number
}

/** The level that policy demands of an account, its time to comply considered. */
export function requiredLevel(
  { graceMs, required, roles }: AssuranceRules,
  { dueAt, now, roles: held }: RequiredOf,
): 1 | 2 {
  const demanded = required === 'everyone' || held.some((role) => roles.includes(role))
  if (!demanded) return 1
  const inGrace = graceMs !== undefined && dueAt !== null && now < dueAt
  return inGrace ? 1 : 2
}

const prefix = 'urn:holdfast:aal'

/** The level as `acr` names it, in tokens and in the challenge of RFC 9470. */
export function acrOf(level: number): string {
  return `${prefix}${level}`
}

/** The level that an `acr` names; 1 for anything that is not ours. */
export function levelOfAcr(acr: unknown): 1 | 2 {
  return acr === acrOf(2) ? 2 : 1
}
