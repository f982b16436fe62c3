import type { UserRow } from '../users/index.ts'

/** The account that a link is about, as much of it as whoever holds the link may know. */
export interface LinkAccount {
  readonly id: string
  /** Its address, of which only the first character and the domain are told. */
  readonly maskedEmail: string
  readonly username: string | null
}

export function linkAccountOf({ email, id, username }: UserRow): LinkAccount {
  return { id, maskedEmail: maskEmail(email), username }
}

/** `a***@example.com (ann)`. Neither part can hold anything but what addresses and names hold. */
export function accountText({ maskedEmail, username }: LinkAccount): string {
  return username === null ? maskedEmail : `${maskedEmail} (${username})`
}

function maskEmail(email: string): string {
  const at = email.lastIndexOf('@')
  const [first = ''] = email.slice(0, at)
  return `${first}***${email.slice(at)}`
}
