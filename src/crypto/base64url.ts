/**
 * Decodes base64url (RFC 4648 section 5) in its one canonical form: no padding, no white space, no
 * other alphabet, unused trailing bits zero. Anything else is undefined, so that a value has
 * exactly one spelling and cannot slip past a block list or a cache under another one.
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}
