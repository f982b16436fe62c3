import { mailErrors } from './errors.ts'

const controls = /[\p{Cc}\u2028\u2029]/u
const bidi = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/
const addressShape = /^[^\s@<>,;:"()[\]\\]{1,64}@[^\s@<>,;:"()[\]\\]{1,255}$/
const senderShape = /^"?([^<>"]*?)"?\s*<([^<>]*)>$/

export interface Sender {
  readonly name: string
  readonly address: string
}

/**
 * The address itself if it is exactly one plain address, else `mail_malformed`: no list, no display
 * name, no quoting, no line break, so that nobody else can become a recipient.
 */
export function checkAddress(address: string): string {
  if (addressShape.test(address) && isPlainLine(address)) return address
  throw mailErrors.mail_malformed({ cause: new Error('not one plain mail address') })
}

/** The subject itself if it is one line of at most 255 characters, else `mail_malformed`. */
export function checkSubject(subject: string): string {
  if (subject !== '' && subject.length <= 255 && isPlainLine(subject)) return subject
  throw mailErrors.mail_malformed({ cause: new Error('subject is not one plain line') })
}

/** Reads a sender: `address` or `Name <address>`; anything else is `mail_malformed`. */
export function parseSender(text: string): Sender {
  const named = senderShape.exec(text)
  const name = named?.[1] ?? ''
  if (!isPlainLine(name)) {
    throw mailErrors.mail_malformed({ cause: new Error("the sender's name is not one plain line") })
  }
  return { name, address: checkAddress(named?.[2] ?? text) }
}

/** True for text that can neither start a new header nor change how its surroundings read. */
export function isPlainLine(text: string): boolean {
  return text.isWellFormed() && !controls.test(text) && !bidi.test(text)
}
