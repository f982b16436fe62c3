import { endOfItem } from './cbor.ts'

const flags = { attested: 0x40, extensions: 0x80 }
const offsets = { flags: 32, attested: 37, idLength: 53, id: 55 }
const longestId = 1_023

/**
 * Whether `bytes` are authenticator data (section 6.1) from the first to the last, so that nothing in
 * them is read in two ways: with a new credential exactly when one is `attested`, then with extensions
 * exactly when it says so, and nothing behind.
 */
export function isAuthenticatorData(bytes: Buffer, attested: boolean): boolean {
  const bits = bytes[offsets.flags]
  if (bits === undefined || bytes.length < offsets.attested) return false
  if (((bits & flags.attested) !== 0) !== attested) return false
  let end: number | undefined = attested ? endOfCredential(bytes) : offsets.attested
  if (end !== undefined && (bits & flags.extensions) !== 0) end = endOfItem(bytes, end)
  return end === bytes.length
}

/** Section 6.5.1. */
function endOfCredential(bytes: Buffer): number | undefined {
  if (bytes.length < offsets.id) return undefined
  const idLength = bytes.readUInt16BE(offsets.idLength)
  if (idLength === 0 || idLength > longestId) return undefined
  return endOfItem(bytes, offsets.id + idLength)
}
