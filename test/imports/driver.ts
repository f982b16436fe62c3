import { readFileSync } from 'node:fs'
import type { ImportOptions, ImportRefusal } from '../../src/imports/index.ts'
import { findPassword } from '../../src/passwords/index.ts'
import type { TestSecurity } from '../../src/testing/index.ts'
import { defaultRealm, findUserByEmail } from '../../src/users/index.ts'

const vectors = new URL('../vectors/foreign-hashes/', import.meta.url)
/** Passwords with what other products made of them. */
export const fixtures: { by: string; password: string; hash: string }[] = [
  ...['python.json', 'php.json', 'better-auth.json'].flatMap((name) =>
    JSON.parse(readFileSync(new URL(name, vectors), 'utf8')),
  ),
  ...readFileSync(new URL('htpasswd.txt', vectors), 'utf8')
    .trim()
    .split('\n')
    .map((line) => ({
      by: 'htpasswd',
      password: 'Gruesse aus Koeln, 17',
      hash: line.replace(/^\w+:/, ''),
    })),
]
export const bcrypt = fixtures.find(({ by }) => by.includes('bcrypt 2b')) as (typeof fixtures)[0]

/** A password that the policy takes. */
export const good = 'correct horse battery staple 42'

const linesOf = (lines: readonly object[]) => [
  Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
]
/** A line of an import: an account whose address is confirmed. */
export const person = (name: string, more: object = {}) => ({
  ...{ email: `${name}@example.com`, emailVerified: true },
  ...more,
})

/** What tests of imports do again and again, on one security. */
export function driver(kit: TestSecurity) {
  const { security } = kit
  const { database } = security.parts.ground
  return {
    run: async (lines: readonly object[], options: ImportOptions = {}) => {
      const refusals: ImportRefusal[] = []
      const onRefused = (one: ImportRefusal) => void refusals.push(one)
      const sum = await security.imports.run(linesOf(lines), { onRefused, ...options })
      return { ...sum, refusals: refusals.map(({ code, line }) => [line, code]) }
    },
    signIn: async (identifier: string, password: string) =>
      (
        await security.signIn.withPassword({
          ...{ identifier, password, transport: 'body', devices: [] },
          ...{ clientKey: 'test', origin: {} },
        })
      ).status,
    hashOf: async (email: string) => {
      const user = await findUserByEmail(database.reader, { realm: defaultRealm, canonical: email })
      return (await findPassword(database.reader, user?.id ?? ''))?.hash
    },
    audit: (action: string) => security.parts.ground.audit.find({ action, limit: 500 }),
    database,
  }
}
