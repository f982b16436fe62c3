import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecurity, type Security, type SecurityOptions } from 'holdfast'
import { holdfastOptions } from '../servers/holdfast-options.ts'

export interface Opened {
  readonly security: Security
  /** As many access tokens as asked for, of one live session. */
  mint(count: number): readonly string[]
  close(): Promise<void>
}

/** A security on a database of its own, with one account that is signed in. */
export async function openHoldfast(options: Partial<SecurityOptions> = {}): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-loop-'))
  const masterKey = randomBytes(32).toString('base64url')
  const usual = holdfastOptions({ folder, masterKey })
  const limits = { ...usual.limits, ...options.limits }
  const security = createSecurity({ ...usual, ...options, limits })
  await security.ready()
  const email = 'buyer@shop.example'
  const password = randomBytes(18).toString('base64url')
  await security.users.create({ email, password, roles: ['buyer'] })
  const session = await security.signIn.withPassword({
    ...{ identifier: email, password, transport: 'body', devices: [] },
    ...{ clientKey: '127.0.0.1', origin: {} },
  })
  if (session.status !== 'signed_in') throw new Error(`signing in ended in ${session.status}`)
  const subject = {
    userId: session.user.id,
    sessionId: session.sessionId,
    roles: session.user.roles,
    authTime: Date.now(),
    factors: ['pwd'] as const,
    level: 1,
    secretVersion: 0,
  }
  return {
    security,
    mint: (count) => Array.from({ length: count }, () => security.parts.rooms.tokens.mint(subject)),
    async close() {
      await security.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
