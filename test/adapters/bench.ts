import type { Express, RequestHandler } from 'express'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { SecurityOptions } from '../../src/adapters/express/index.ts'
import { type Kit, type Listening, openKit, type Person, serve } from './site.ts'

/** What the tests of one file share: a security, two people, and a handler that tells who came. */
export interface Bench {
  readonly kit: Kit
  readonly manager: Person
  readonly user: Person
  /** Who has entered a guarded handler in this test: ids of accounts, or `nobody`. */
  readonly entered: string[]
  /** A handler that must only ever be entered by somebody who is known. */
  readonly secret: RequestHandler
  /** A site that stops after the test. */
  open(target: Listening | Promise<Listening>): Promise<Listening>
  /** An app behind `protect` that stops after the test. */
  protectedSite(build: (app: Express) => void, own?: Kit): Promise<Listening>
}

/** Opens it before the tests of the file, forgets after each, and closes it after them. */
export function openBench(options: Partial<SecurityOptions> = {}): Bench {
  let kit: Kit
  let manager: Person
  let user: Person
  const entered: string[] = []
  const stops: (() => Promise<void>)[] = []

  beforeAll(async () => {
    kit = await openKit(options)
    manager = await kit.person('manager')
    user = await kit.person('user')
  })
  afterAll(() => kit.close())
  beforeEach(() => {
    entered.length = 0
    kit.log.length = 0
  })
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop()
  })

  const open: Bench['open'] = async (target) => {
    const site = await target
    stops.push(site.stop)
    return site
  }
  return {
    get kit() {
      return kit
    },
    get manager() {
      return manager
    },
    get user() {
      return user
    },
    entered,
    secret: (request, response) => {
      entered.push(request.auth?.userId ?? 'nobody')
      response.json({ secret: true })
    },
    open,
    protectedSite: (build, own = kit) => open(serve(own, build)),
  }
}

/** One whose app counts exports itself, and finds who came in `req.user` too. */
export function openControlsBench(): Bench {
  const exports = { points: 2, window: '1m' } as const
  return openBench({ userProperty: 'user', limits: { policies: { exports } } })
}

/** The code of each answer, or its status where it has none. */
export async function codes(
  site: Listening,
  requests: readonly string[],
  as?: Person,
): Promise<(string | number)[]> {
  const answers: (string | number)[] = []
  for (const request of requests) {
    const [method = '', path = ''] = request.split(' ')
    const headers = as ? as.bearer : {}
    const { json, status } = await site.fetch(path, { method, headers })
    answers.push(typeof json?.code === 'string' ? json.code : status)
  }
  return answers
}
