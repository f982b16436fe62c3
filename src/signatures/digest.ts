import { createHash, timingSafeEqual } from 'node:crypto'
import { isInnerList, readDictionary } from './structured-fields.ts'

const algorithms = { 'sha-256': 'sha256', 'sha-512': 'sha512' } as const

/** The value of `Content-Digest` (RFC 9530) for a body. */
export function contentDigest(body: Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
}

/**
 * Whether a `Content-Digest` is that of `body`. Every sha-256 and sha-512 in it has to be right and one
 * has to be there; others, such as md5, prove nothing and are passed over.
 */
export function isDigestOf(field: string | undefined, body: Uint8Array): boolean {
  const digests = field === undefined ? undefined : readDictionary(field)
  if (!digests) return false
  const known = Object.entries(algorithms).filter(([name]) => digests.has(name))
  return (
    known.length > 0 &&
    known.every(([name, algorithm]) => {
      const member = digests.get(name)
      if (!member || isInnerList(member) || !Buffer.isBuffer(member.value)) return false
      const expected = createHash(algorithm).update(body).digest()
      return (
        member.value.byteLength === expected.byteLength && timingSafeEqual(member.value, expected)
      )
    })
  )
}
