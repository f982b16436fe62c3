import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import type { HttpAnswer } from '../nodes/nodes.ts'
import type { Site } from './identity-kit.ts'
import {
  freshCode,
  makeTotpPerson,
  openFactorSite,
  type TotpPerson,
  type Visitor,
  visitor,
} from './second-factor-kit.ts'

/** A site for the tests of one file; for each of them somebody with an app, and her browser. */
export interface FlowBench {
  readonly site: Site
  readonly person: TotpPerson
  readonly browser: Visitor
  /** Proves the password; the flow that goes on with the second factor. */
  begin(who?: Visitor, of?: TotpPerson): Promise<string>
  /** Finishes a flow with a code that nobody has spent. */
  proveFresh(flow: string, who?: Visitor, of?: TotpPerson): Promise<HttpAnswer>
}

/** Opens the site before the tests of the file, and closes it after them. */
export function openFlowBench(): FlowBench {
  let site: Site
  let person: TotpPerson
  let browser: Visitor
  let people = 0

  beforeAll(async () => {
    site = await openFactorSite()
  })
  afterAll(() => site.close())
  beforeEach(async () => {
    person = await makeTotpPerson(site, `flow${++people}@example.com`)
    browser = visitor(site)
  })

  return {
    get site() {
      return site
    },
    get person() {
      return person
    },
    get browser() {
      return browser
    },
    begin: async (who = browser, of = person) => {
      const answer = await who.login(of.email)
      expect(answer.json.status).toBe('mfa_required')
      return answer.json.flow
    },
    proveFresh: async (flow, who = browser, of = person) =>
      who.prove(flow, { method: 'totp', code: await freshCode(site, of) }),
  }
}
