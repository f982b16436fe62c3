import { temporaryFolder } from '../harness/folders.ts'
import type { HttpKind, Probe } from '../harness/http-bench.ts'
import type { ServerProcess } from '../harness/server-process.ts'
import { withCookies, withTokens } from './requests.ts'

const accounts = 8

/** Better Auth guarding a route of Express; reads the session from a signed cookie or from SQLite. */
export function betterAuthKind(name: string, cookieCache: boolean): HttpKind {
  return {
    name,
    script: 'better-auth',
    answers: 'accepted',
    options: () => ({
      cookieCache,
      accounts,
      folder: temporaryFolder(),
    }),
    requests: withCookies,
    probe: (server) => probeSession(server, { cookie: 'better-auth.session_token=forged.AAAA' }),
  }
}

/** Middleware of an app's own with jose. */
export function joseKind(name: string, tokens: number): HttpKind {
  return {
    name,
    script: 'jose',
    answers: 'accepted',
    options: () => ({ tokens }),
    requests: (details) => withTokens((details as { readonly tokens: readonly string[] }).tokens),
    probe: (server) => probeSession(server, { authorization: 'Bearer a.b.c' }),
  }
}

/** A rival, too, must refuse what it should, or its speed says nothing. */
async function probeSession(
  server: ServerProcess,
  forged: Readonly<Record<string, string>>,
): Promise<Probe> {
  return {
    async finish(answered) {
      const response = await fetch(`${server.url}/orders`, { headers: { ...forged } })
      return { credential: { allowed: answered, refused: Number(response.status === 401) } }
    },
  }
}
