import { readFileSync } from 'node:fs'
import { commonKey } from './common-key.ts'
import { FuseFilter } from './fuse-filter.ts'

/** Answers whether a password is a common one, whatever its case and Unicode form. */
export interface CommonPasswords {
  has(password: string): boolean
}

/**
 * Reads the shipped common-password filter, which stands beside this file. Its sources, their dates
 * and licences are in docs/common-passwords.md. It knows common passwords and claims no breaches.
 * Throws when the file is missing or not whole, so that nothing is accepted unjudged.
 */
export function readCommonPasswords(): CommonPasswords {
  const filter = new FuseFilter(readFileSync(new URL('./common-passwords.bin', import.meta.url)))
  return { has: (password) => filter.has(commonKey(password)) }
}
