import { StatementSync } from 'node:sqlite'
import type { HttpAnswer } from '../nodes/nodes.ts'
import type { Site } from './identity-kit.ts'

/** What an answer and its work look like from outside and from below. */
export interface Trace {
  readonly status: number
  readonly headers: readonly string[]
  readonly body: string
  readonly statements: readonly string[]
  readonly hashes: number
}

export interface Watch {
  during(call: () => Promise<HttpAnswer>): Promise<Trace>
  end(): void
}

/** Listens to every statement that SQLite runs and every password that is hashed. */
export function watchWork(site: Site): Watch {
  const statements: string[] = []
  const { prototype } = StatementSync
  const methods = { all: prototype.all, run: prototype.run }
  for (const [name, method] of Object.entries(methods)) {
    const heard = function (this: StatementSync, ...values: unknown[]) {
      statements.push(shape(this.sourceSQL))
      return Reflect.apply(method, this, values)
    }
    Object.assign(prototype, { [name]: heard })
  }
  const count = countHashes(site)
  return {
    during: async (call) => {
      statements.length = 0
      const before = count()
      const { headers, status, text } = await call()
      return {
        status,
        headers: [...headers]
          .filter(([name]) => !perRequest.has(name))
          .map(([name, value]) => `${name}: ${value.replace(/'nonce-[^']*'/g, "'nonce'")}`),
        body: text.replace(/"requestId":"[^"]*"/, ''),
        statements: [...statements],
        hashes: count() - before,
      }
    },
    end: () => Object.assign(prototype, methods),
  }
}

const perRequest = new Set(['x-request-id', 'date'])

/**
 * Whether a window of a limit is there already tells of earlier requests, and in which of two unique
 * columns a name is looked for tells of its shape; neither tells of accounts.
 */
function shape(sql: string): string {
  if (/^(insert into|update) "hf_limits"/.test(sql)) return 'write hf_limits'
  return sql.replace('"hf_users"."username_canonical"', '"hf_users"."email_canonical"')
}

/** Passwords hashed or compared from now on. */
export function countHashes({ security }: Site): () => number {
  let hashes = 0
  const { hasher } = security.parts.ground
  const { hash, verify } = hasher
  hasher.hash = (password) => {
    hashes += 1
    return hash.call(hasher, password)
  }
  hasher.verify = (stored, password) => {
    hashes += 1
    return verify.call(hasher, stored, password)
  }
  return () => hashes
}
