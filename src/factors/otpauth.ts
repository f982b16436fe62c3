import { encodeBase32 } from './base32.ts'

export interface OtpauthParts {
  readonly secret: Uint8Array
  /** Name of the product, from the configuration. */
  readonly issuer: string
  /** What tells the account from others of the same product: its address. */
  readonly account: string
}

/** UTF-16 units of a name; with two names of this length a QR code still has room. */
const longestName = 100

/**
 * The `otpauth://totp/` address of the Key Uri Format: what a QR code holds and apps read. Algorithm,
 * digits and period are those that apps assume, and are said all the same.
 */
export function otpauthUrl({ account, issuer, secret }: OtpauthParts): string {
  const name = nameOf(issuer)
  const query = `secret=${encodeBase32(secret)}&issuer=${name}`
  return `otpauth://totp/${name}:${nameOf(account)}?${query}&algorithm=SHA1&digits=6&period=30`
}

/** A colon, however it is written, ends the issuer of a label, so none may stand in a name. */
function nameOf(text: string): string {
  return encodeURIComponent(text.replaceAll(':', ' ').slice(0, longestName).toWellFormed())
}

/** A secret as somebody types it: groups of four. */
export function manualEntry(secret: Uint8Array): string {
  return (
    encodeBase32(secret)
      .match(/.{1,4}/g)
      ?.join(' ') ?? ''
  )
}
