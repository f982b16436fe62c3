import { hash } from 'node:crypto'
import { domainToASCII, domainToUnicode } from 'node:url'

export type CanonicalEmail =
  | {
      readonly ok: true
      /** For sending: the case as given. Folded to the one mailbox that `canonical` names. */
      readonly address: string
      /** For comparing, counting and unique columns. */
      readonly canonical: string
    }
  | { readonly ok: false; readonly code: 'email_invalid' | 'email_unsupported' }

export type CanonicalUsername =
  | { readonly ok: true; readonly username: string; readonly canonical: string }
  | { readonly ok: false; readonly code: 'username_invalid' }

export type CanonicalIdentifier =
  | { readonly kind: 'email' | 'username'; readonly canonical: string }
  /** Nobody's name. `canonical` is a bucket for limits, at most 48 characters, no account's. */
  | { readonly kind: 'none'; readonly canonical: string }

const longestAddress = 254
/** Nothing longer is normalised; ten times the longest name leaves room for decomposed text. */
const longestInput = 2_540
const longestLocal = 64

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused here
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII itself
const ascii = /^[\u0000-\u007f]*$/
const dotAtom = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/
/** ASCII that has no place in a host name; domainToASCII would decode or cut at some of it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are among what is refused
const notInDomain = /[\u0000-\u002c/:-@[-`{-\u007f]/
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const numeric = /^(?:\d+|0x[\da-f]*)$/
const usernameShape = /^[A-Za-z0-9_-]{3,30}$/

/**
 * The one form of an e-mail address: white space around it gone, NFKC, exactly one `local@domain`
 * (a dot-atom of RFC 5322 section 3.4.1: no display name, quote, comment or list), the local part
 * ASCII (`email_unsupported` otherwise), the domain by IDNA (UTS 46) to ASCII with at least two
 * labels, 254 characters at most, lower case for comparison.
 *
 * `address` keeps the case of an ASCII address as typed. Other spellings are folded before mail
 * goes anywhere, so that what is mailed is always the mailbox that was compared (CVE-2025-24806).
 */
export function canonicalEmail(input: string): CanonicalEmail {
  const text = normalise(input)
  if (text === undefined || control.test(text)) return invalidEmail
  const at = text.indexOf('@')
  if (at < 1 || at !== text.lastIndexOf('@')) return invalidEmail
  const local = text.slice(0, at)
  const domain = text.slice(at + 1)
  const host = asciiDomain(domain)
  if (host === undefined) return invalidEmail
  if (!ascii.test(local)) return { ok: false, code: 'email_unsupported' }
  if (local.length > longestLocal || !dotAtom.test(local)) return invalidEmail
  const address = `${local}@${ascii.test(domain) ? domain : host}`
  if (address.length > longestAddress) return invalidEmail
  return { ok: true, address, canonical: `${local}@${host}`.toLowerCase() }
}

const invalidEmail: CanonicalEmail = Object.freeze({ ok: false, code: 'email_invalid' })

/**
 * The one form of a user name: white space around it gone, NFKC, then 3-30 of ASCII letters,
 * digits, `_` and `-`; compared in lower case. It never holds an @, so it is never an address.
 */
export function canonicalUsername(input: string): CanonicalUsername {
  const username = normalise(input)
  if (username === undefined || !usernameShape.test(username)) {
    return { ok: false, code: 'username_invalid' }
  }
  return { ok: true, username, canonical: username.toLowerCase() }
}

/**
 * Reads what someone typed to sign in: with an @ it is an address, else a user name. What is
 * neither still gets a stable, bounded key (a hash), so that limits count it like any other.
 */
export function canonicalIdentifier(input: string): CanonicalIdentifier {
  const text = normalise(input)
  if (text === undefined) return nobody(input)
  if (text.includes('@')) {
    const email = canonicalEmail(text)
    return email.ok ? { kind: 'email', canonical: email.canonical } : nobody(text.toLowerCase())
  }
  const name = canonicalUsername(text)
  return name.ok ? { kind: 'username', canonical: name.canonical } : nobody(text.toLowerCase())
}

/** The colon keeps it apart from every user name, the missing @ from every address. */
function nobody(text: string): CanonicalIdentifier {
  return { kind: 'none', canonical: `none:${hash('sha256', text, 'base64url')}` }
}

function normalise(input: string): string | undefined {
  if (input.length > longestInput || !input.isWellFormed()) return undefined
  return input.trim().normalize('NFKC')
}

function asciiDomain(domain: string): string | undefined {
  if (notInDomain.test(domain)) return undefined
  const host = domainToASCII(domain).toLowerCase()
  const labels = host.split('.')
  const last = labels.at(-1) ?? ''
  if (labels.length < 2 || numeric.test(last)) return undefined
  return labels.every(isSoundLabel) ? host : undefined
}

/** A label of letters, digits and inner hyphens; an `xn--` one must be the form of real Unicode. */
function isSoundLabel(part: string): boolean {
  if (!label.test(part)) return false
  if (!part.startsWith('xn--')) return true
  const unicode = domainToUnicode(part)
  return !ascii.test(unicode) && domainToASCII(unicode) === part
}
