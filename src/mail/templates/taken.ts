import { fill } from './fill.ts'
import type { MailTexts } from './texts.ts'

/** Second factors that a report has taken back. */
export interface TakenFactors {
  readonly totp: boolean
  /** How many. Their names are left out: an intruder may have chosen them. */
  readonly passkeys: number
  readonly recoveryCodes: boolean
}

/** `authenticator app, 2 passkeys and recovery codes`. */
export function takenText(
  taken: TakenFactors | undefined,
  { locale, taken: words }: MailTexts,
): string {
  if (!taken) return ''
  const { passkeys, recoveryCodes, totp } = taken
  const count = String(passkeys)
  const list = [
    ...(totp ? [words.totp] : []),
    ...(passkeys > 0 ? [fill(passkeys === 1 ? words.passkey : words.passkeys, { count })] : []),
    ...(recoveryCodes ? [words.recoveryCodes] : []),
  ]
  return new Intl.ListFormat(locale, { type: 'conjunction' }).format(list)
}
