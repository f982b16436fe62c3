import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SecurityOptions } from '../config/index.ts'
import { silentLogger, systemRandom } from '../ports/index.ts'
import { createSecurity, type Security } from '../security.ts'
import { TestClock } from './clock.ts'
import { TestMailbox } from './mailbox.ts'

/** A security with what a test needs to see and to move. */
export interface TestSecurity<S extends Security = Security> {
  readonly security: S
  readonly clock: TestClock
  readonly mailbox: TestMailbox
  /** Moves time on and lets this node confirm its revocation state, as polling would. */
  advance(ms: number): Promise<void>
  /** Delivers what waits in the outbox. */
  deliverMail(): Promise<void>
  /** Closes the security and removes its database. */
  close(): Promise<void>
}

/**
 * A security for tests: a SQLite file of its own, a clock that moves when told, a mailbox, and limits
 * out of the way. Any option can be given.
 */
export async function createTestSecurity<S extends Security = Security>(
  options: Partial<SecurityOptions> = {},
  make: (options: SecurityOptions) => S = createSecurity as (options: SecurityOptions) => S,
): Promise<TestSecurity<S>> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  const clock = new TestClock()
  const mailbox = new TestMailbox()
  const security = make({
    baseUrl: 'http://localhost:3000',
    mode: 'development',
    masterKey: Buffer.from(systemRandom.bytes(32)).toString('base64url'),
    database: `sqlite:${join(folder, 'test.db')}`,
    mail: { mailer: mailbox, from: 'Test <test@example.com>' },
    clock,
    logger: silentLogger,
    ...options,
    limits: { ...wideLimits, ...options.limits },
  })
  await security.ready()
  return {
    security,
    clock,
    mailbox,
    advance: async (ms) => {
      clock.advance(ms)
      const { revocations } = security.parts.ground
      // The first may have begun while time was moving; the second confirms the time that it is now.
      await revocations.poll()
      await revocations.poll()
    },
    deliverMail: async () => void (await security.parts.ground.outbox.deliverDue()),
    close: async () => {
      await security.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const wide = { points: 1_000_000 } as const
const wideLimits = {
  general: wide,
  account: wide,
  auth: wide,
  authClient: wide,
  mailAddress: wide,
  mailClient: wide,
  passwordCheck: wide,
  cspReports: wide,
} as const
