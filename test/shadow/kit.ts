import { afterAll, beforeAll } from 'vitest'
import { listener } from '../../src/adapters/node/index.ts'
import type { ControlMode, SecurityOptions } from '../../src/config/index.ts'
import type { ReportedRefusal } from '../../src/shadow/index.ts'
import {
  type Answered,
  type Kit,
  type Listening,
  listen,
  openKit,
  serve,
} from '../adapters/site.ts'

/** A word in everything that the tests send, which nothing may keep. */
export const canary = 'canary8f3a'

export const adapters = ['express', 'node'] as const
export type Adapter = (typeof adapters)[number]

/** An app behind controls of one mode, by each adapter. */
export interface ShadowBench {
  readonly kit: Kit
  readonly sites: Readonly<Record<Adapter, Listening>>
  ask(adapter: Adapter, path: string, init?: RequestInit): Promise<Answered>
  /** What is told of a control, without examples. */
  told(control: string): Promise<readonly Told[]>
}

export type Told = Pick<ReportedRefusal, 'rule' | 'route' | 'enforced' | 'count'>

/** Opens it before the tests of the block and closes it after them. */
export function openShadowBench(
  mode: ControlMode,
  options: Partial<SecurityOptions> = {},
): ShadowBench {
  let kit: Kit
  let sites: Record<Adapter, Listening>

  beforeAll(async () => {
    const shield = { size: mode, limits: mode, csrf: mode, access: mode }
    kit = await openKit({ shield, ...options })
    sites = { express: await expressSite(kit), node: await nodeSite(kit) }
  })
  afterAll(async () => {
    for (const site of Object.values(sites)) await site.stop()
    await kit.close()
  })

  return {
    get kit() {
      return kit
    },
    get sites() {
      return sites
    },
    ask: (adapter, path, init) => sites[adapter].fetch(path, init),
    async told(control) {
      const { refusals } = await kit.security.shield.report()
      return refusals
        .filter((one) => one.control === control)
        .map(({ count, enforced, route, rule }) => ({ rule, route, enforced, count }))
    },
  }
}

function expressSite(kit: Kit): Promise<Listening> {
  const { security } = kit
  return serve(kit, (app) => {
    app.all('/free/:name', security.open(), (_request, response) => void response.json({}))
    app.all('/secrets/:name', security.guard('read:secrets'), (request, response) => {
      response.json({ userId: request.auth?.userId })
    })
  })
}

function nodeSite(kit: Kit): Promise<Listening> {
  return listen(
    listener(kit.security, (request, response, guarded) => {
      const userId = request.url?.startsWith('/secrets/')
        ? guarded.require('read:secrets').userId
        : undefined
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ userId }))
    }),
  )
}
