import { afterAll, beforeAll } from 'vitest'
import type { HttpAnswer } from '../nodes/nodes.ts'
import { type EngineName, freshDatabase } from '../services/fresh-database.ts'
import { type FactorKit, factorKit, type Member, verdictOf } from './factor-kit.ts'
import { openSite, type Site } from './identity-kit.ts'

export const minute = 60_000

/** A site where owners change their second factors. */
export interface OwnerBench {
  readonly site: Site
  readonly kit: FactorKit
  /** Begins an authenticator app; what its owner is shown. */
  setup(who: Member): Promise<HttpAnswer['json']>
  enable(who: Member, code: string): Promise<HttpAnswer>
  /** The second factors as their owner sees them. */
  overview(who: Member): Promise<HttpAnswer['json']>
  /** The status and the code of a refusal. */
  refused(answer: Promise<HttpAnswer>): Promise<string>
  /** Sets an authenticator app up; its owner in a session of level 2. */
  enrolled(who: Member): Promise<Member>
}

/** Opens the site before the tests of a suite, and closes it after them. */
export function openOwnerBench(engine: EngineName): OwnerBench {
  let site: Site
  let kit: FactorKit
  let drop = async () => {}

  beforeAll(async () => {
    const fresh = await freshDatabase(engine)
    drop = fresh.drop
    const options = { captcha: { provider: 'none' }, mfa: { trustedDevices: '30d' } } as const
    site = await openSite({ database: fresh.url, ...options })
    kit = factorKit(site)
  })
  afterAll(async () => {
    await site?.close()
    await drop()
  })

  return {
    get site() {
      return site
    },
    get kit() {
      return kit
    },
    setup: async (who) => (await kit.call('POST', '/auth/mfa/totp/setup', who)).json,
    enable: (who, code) => kit.call('POST', '/auth/mfa/totp/enable', who, { code }),
    overview: async (who) => (await kit.call('GET', '/auth/mfa', who)).json,
    refused: async (answer) => verdictOf(await answer),
    enrolled: async (who) => (await kit.enrol(who)).owner,
  }
}
