import { PasswordHasher } from '../../src/crypto/index.ts'
import type { Site } from './identity-kit.ts'
import { from, goodPassword } from './identity-kit.ts'

export const wrongPassword = 'wrong horse battery staple 1'

/**
 * Hashes at argon2id's least cost from now on, so that sieges fit into a test. Answers the passwords
 * that were hashed or compared, in order, one entry each.
 */
export function cheapHashes({ security }: Pick<Site, 'security'>): readonly string[] {
  const { config, parts } = security
  const cheap = new PasswordHasher({
    ...{ clock: config.clock, memoryKiB: 8, passes: 1, parallelism: 1 },
    ...{ concurrency: 2, maxWaitMs: 60_000 },
  })
  const hashed: string[] = []
  const { hasher } = parts.ground
  hasher.hash = (password) => {
    hashed.push(password)
    return cheap.hash(password)
  }
  hasher.verify = (stored, password) => {
    hashed.push(password)
    return cheap.verify(stored, password)
  }
  return hashed
}

/** A browser: it keeps the cookies that it gets. */
export interface Browser {
  readonly cookies: Map<string, string>
  /** Signs in for transport `cookie`; the status, and the code of a refusal. */
  signIn(identifier: string, password?: string): Promise<string>
}

export function browserOf(site: Pick<Site, 'post'>, client: string): Browser {
  const cookies = new Map<string, string>()
  const signIn = async (identifier: string, password = goodPassword) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await site.post(
      '/auth/login',
      { identifier, password },
      { ...from(client), ...(cookie === '' ? {} : { cookie }) },
    )
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';')[0]?.split(/=(.*)/s) ?? []
      cookies.set(name, value)
    }
    return answer.status === 200 ? answer.json.status : `${answer.status} ${answer.json.code}`
  }
  return { cookies, signIn }
}

/** Payloads of the events of a name in the audit log, oldest first. */
export async function recordsOf(
  { security }: Pick<Site, 'security'>,
  action: string,
): Promise<Record<string, unknown>[]> {
  const rows = await security.parts.ground.database.reader
    .selectFrom('hf_audit')
    .selectAll()
    .where('action', '=', action)
    .orderBy('id')
    .execute()
  return rows.map((row) => JSON.parse(row.metadata))
}

/** The token of a reset's mail. The notice of the siege leaves first: mails that wait together leave in any order. */
export async function resetTokenOf(site: Site, email: string): Promise<string> {
  await site.deliverMail()
  await site.post('/auth/password/forgot', { email })
  await site.deliverMail()
  return site.mailbox.latestToken(email)
}
