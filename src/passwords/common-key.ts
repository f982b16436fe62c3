/** Shorter passwords are refused for their length under every configuration, so none is kept. */
export const shortestCommon = 8

/**
 * The form in which passwords are compared with common ones: NFC, lower case, whole. Parts of a
 * password are not looked up (NIST SP 800-63B-4 section 3.1.1.2 asks for the entire one).
 */
export function commonKey(password: string): string {
  return password.normalize('NFC').toLowerCase().normalize('NFC')
}
