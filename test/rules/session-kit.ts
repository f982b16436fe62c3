import { type Reply, type ServedApp, serveApp } from '../served-app.ts'

export const minute = 60_000

export interface Someone {
  readonly email: string
  readonly id: string
  readonly accessToken: string
  readonly refreshToken: string
  readonly sessionId: string
}

/** What tests of sessions do again and again, on one app. */
export interface SessionKit {
  /** An account of its own, signed in as a native client. */
  someone(roles?: readonly string[]): Promise<Someone>
  refresh(refreshToken: string, headers?: Readonly<Record<string, string>>): Promise<Reply>
}

/** An app whose browser sessions end after three hours at the latest. */
export async function serveSessions(): Promise<ServedApp> {
  const app = await serveApp({ sessions: { session: { absolute: '3h' } } })
  // No cleaner runs: what has expired must be refused because it has expired.
  await app.security.parts.ground.jobs.stop()
  return app
}

export function sessionKit(app: ServedApp): SessionKit {
  let people = 0
  return {
    someone: async (roles = ['manager']) => {
      const email = `person${people++}@example.com`
      const id = await app.person(email, roles)
      return { email, id, ...(await app.signIn(email)) }
    },
    refresh: (refreshToken, headers = {}) =>
      app.request('POST', '/auth/refresh', { body: { refreshToken }, headers }),
  }
}
