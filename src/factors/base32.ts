const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** Letters, spaces and padding of the longest text that is read: secrets have 16 to 103 letters. */
const longestText = 256

/** Base32 without padding (RFC 4648 section 6), as authenticator apps read secrets. */
export function encodeBase32(bytes: Uint8Array): string {
  let [text, bits, held] = ['', 0, 0]
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet[(held >>> bits) & 31]
    }
    held &= (1 << bits) - 1
  }
  return bits === 0 ? text : text + alphabet[(held << (5 - bits)) & 31]
}

/**
 * The bytes of Base32 text; case, spaces, hyphens and padding do not matter. Bits that make no whole
 * byte are left out as apps leave them out, since some products drew letters and not bytes. Undefined
 * for all else.
 */
export function decodeBase32(text: string): Uint8Array | undefined {
  if (text.length > longestText) return undefined
  const letters = text.replace(/[ -]/g, '').replace(/=+$/, '')
  if (!/^[A-Za-z2-7]*$/.test(letters) || [1, 3, 6].includes(letters.length % 8)) return undefined
  const bytes = Buffer.alloc(Math.floor((letters.length * 5) / 8))
  let [bits, held, at] = [0, 0, 0]
  for (const letter of letters.toUpperCase()) {
    held = (held << 5) | alphabet.indexOf(letter)
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = (held >>> bits) & 0xff
    held &= (1 << bits) - 1
  }
  return bytes
}
