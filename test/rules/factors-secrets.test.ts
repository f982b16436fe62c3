import { inspect } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventDefinitions } from '../../src/composition/index.ts'
import type { EventName } from '../../src/events/index.ts'
import { decodeBase32 } from '../../src/factors/index.ts'
import type { Logger } from '../../src/ports/index.ts'
import { type FactorKit, factorKit } from './factor-kit.ts'
import { openSite, type Site } from './identity-kit.ts'

const said: string[] = []
const listen = (message: string, fields?: unknown) =>
  void said.push(`${message} ${inspect(fields, { depth: 12, showHidden: true, getters: true })}`)
const logger: Logger = { debug: listen, info: listen, warn: listen, error: listen }

let site: Site
let kit: FactorKit
beforeAll(async () => {
  site = await openSite({ captcha: { provider: 'none' }, logger })
  kit = factorKit(site)
  for (const name of Object.keys(eventDefinitions)) {
    site.security.on(name as EventName, (event) => void said.push(JSON.stringify(event)))
  }
})
afterAll(() => site.close())

/** Every way in which a secret or a code could be written down. */
function spellings(secret: string, codes: readonly string[]): string[] {
  const bytes = Buffer.from(decodeBase32(secret) ?? [])
  const forms = (['hex', 'base64', 'base64url', 'latin1'] as const).map((to) => bytes.toString(to))
  const lists = [JSON.stringify([...bytes]).slice(1, -1)]
  return [secret, ...forms, ...lists, ...codes.flatMap((code) => [code, code.replace('-', '')])]
}

it('rule 34: secrets and recovery codes stand in one answer, and in nothing that is kept or told', async () => {
  const admin = await kit.someone('admin', ['admin'])
  const ann = await kit.someone('ann')
  const { json } = await kit.call('POST', '/auth/mfa/totp/setup', ann)
  const answers: string[] = []
  const note = async (answer: ReturnType<FactorKit['call']>) => {
    const given = await answer
    answers.push(given.text)
    return given
  }
  await note(kit.call('POST', '/auth/mfa/totp/enable', ann, { code: `${json.secret} ` }))
  await note(kit.call('POST', '/auth/mfa/totp/enable', ann, { code: 5, secret: json.secret }))
  const first = await kit.call('POST', '/auth/mfa/totp/enable', ann, {
    code: kit.code(json.secret),
  })
  const owner = await kit.renewed(ann, first.json.refreshToken)
  const second = await kit.call('POST', '/auth/mfa/recovery-codes', owner)
  const later = await kit.renewed(owner, second.json.refreshToken)
  for (const path of ['/auth/mfa', '/auth/passkeys', '/auth/me', '/auth/account/export']) {
    expect((await note(kit.call('GET', path, later))).status, path).toBe(200)
  }
  const about = `/admin/users/${ann.id}`
  for (const path of [about, `${about}/factors`, '/openapi.json']) {
    expect((await note(kit.call('GET', path, admin))).status, path).toBe(200)
  }
  const codes = [...first.json.recoveryCodes, ...second.json.recoveryCodes]
  const next = await kit.call('POST', '/auth/mfa/totp/setup', later)
  await note(kit.call('POST', `${about}/factors/reset`, admin, { reason: 'lost' }))
  await site.deliverMail()

  const canaries = [...spellings(json.secret, codes), ...spellings(next.json.secret, [])]
  const tables = Object.values(site.dump()).flat()
  const mails = site.mailbox.list().map((mail) => JSON.stringify(mail))
  const places = [...tables, ...mails, ...said, ...answers]
  const found = canaries.filter((canary) => places.some((text) => text.includes(canary)))
  expect(found).toEqual([])
  expect(codes).toHaveLength(20)
  expect(said.some((text) => text.includes('factor.enabled'))).toBe(true)
  expect(tables.length).toBeGreaterThan(20)
})

it('the data of an account names its second factors, and nothing that proves one', async () => {
  const { owner } = await kit.enrol(await kit.someone('ben'))
  const { json } = await kit.call('GET', '/auth/account/export', owner)
  expect(json.factors).toEqual({
    totp: { since: site.clock.now() },
    recoveryCodesLeft: 10,
    passkeys: [],
  })
})
