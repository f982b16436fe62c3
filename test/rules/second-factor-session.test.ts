import { describe, expect, it } from 'vitest'
import { bumpCredentials, noteTotp } from '../../src/users/index.ts'
import { watchWork } from './enumeration-kit.ts'
import { openFlowBench } from './flow-bench.ts'
import { from } from './identity-kit.ts'
import {
  freshCode,
  makePerson,
  openFactorSite,
  outcome,
  recordsOf,
  sessionsEver,
  visitor,
  wrongCode,
} from './second-factor-kit.ts'

const bench = openFlowBench()
const { begin, proveFresh } = bench

describe('rule 2: no session before every required factor is proven', () => {
  it('a right password issues nothing; the flow names nobody; the code issues one session of level 2', async () => {
    const { browser, person, site } = bench
    const before = await sessionsEver(site)
    const first = await browser.login(person.email)
    expect(first.json).toEqual({
      status: 'mfa_required',
      flow: expect.stringMatching(/^[\w-]{43}$/),
      methods: ['totp', 'recovery_code'],
      expiresIn: 300,
    })
    expect(first.text).not.toContain(person.id)
    expect(await sessionsEver(site)).toBe(before)
    expect([...browser.cookies.keys()]).toEqual(['__Host-hf_flow'])
    const told = () => site.mailbox.list(person.email).length
    await site.deliverMail()
    const mails = told()
    const done = await proveFresh(first.json.flow)
    expect(outcome(done)).toBe('signed_in')
    expect(await sessionsEver(site)).toBe(before + 1)
    const me = await site.get('/auth/me', { authorization: `Bearer ${done.json.accessToken}` })
    expect(me.json.level).toBe(2)
    expect(browser.cookies.has('__Host-hf_flow')).toBe(false)
    expect(browser.cookies.has('__Host-hf_refresh')).toBe(true)
    await site.deliverMail()
    expect(told()).toBe(mails + 1)
    const [succeeded] = (await recordsOf(site, 'sign_in.succeeded')).filter(
      ({ sessionId }) => sessionId === done.json.sessionId,
    )
    expect(succeeded).toMatchObject({ factors: 'pwd otp', level: 2, newDevice: true })
  })

  it('what binds a flow is an HttpOnly cookie with its life, and in no body', async () => {
    const { browser, person } = bench
    const answer = await browser.login(person.email)
    const [cookie = ''] = answer.headers.getSetCookie()
    expect(cookie).toMatch(
      /^__Host-hf_flow=[\w-]{43}; Path=\/; Max-Age=300; HttpOnly; Secure; SameSite=Lax$/,
    )
    expect(answer.text).not.toContain(browser.cookies.get('__Host-hf_flow'))
  })

  it('mfaCode finishes at once, and is looked at only after the password', async () => {
    const { browser, person, site } = bench
    const code = await freshCode(site, person)
    const before = await sessionsEver(site)
    const wrong = await browser.login(person.email, { password: 'wrong horse 1', mfaCode: code })
    expect(outcome(wrong)).toBe('401 invalid_credentials')
    expect(await sessionsEver(site)).toBe(before)
    expect(outcome(await browser.login(person.email, { mfaCode: code }))).toBe('signed_in')
    const [one = '', two = ''] = person.recoveryCodes
    const lax = ` ${one.toLowerCase()} `
    expect(outcome(await browser.login(person.email, { mfaCode: lax }))).toBe('signed_in')
    expect(outcome(await browser.login(person.email, { mfaCode: lax }))).toBe('401 factor_rejected')
    expect(outcome(await browser.login(person.email, { mfaCode: two }))).toBe('signed_in')
    expect(await sessionsEver(site)).toBe(before + 3)
    const used = await recordsOf(site, 'factor.code_used')
    const left = used.filter(({ userId }) => userId === person.id).map((record) => record.left)
    expect(left.toSorted()).toEqual([8, 9])
  })

  it('a wrong mfaCode issues nothing, is counted and recorded; one that nobody asks for is not looked at', async () => {
    const { browser, person, site } = bench
    const before = await sessionsEver(site)
    const answer = await browser.login(person.email, { mfaCode: wrongCode(site, person) })
    expect(outcome(answer)).toBe('401 factor_rejected')
    expect(await sessionsEver(site)).toBe(before)
    expect((await recordsOf(site, 'sign_in.factor_failed')).at(-1)).toEqual({
      userId: person.id,
      method: 'totp',
    })
    await makePerson(site, `plain-${person.id}@example.com`)
    const plain = await browser.login(`plain-${person.id}@example.com`, { mfaCode: '123456' })
    expect(outcome(plain)).toBe('signed_in')
  })

  it('the same factor is not counted twice: a second code in place of the password, or another flow', async () => {
    const { browser, person, site } = bench
    const before = await sessionsEver(site)
    const flow = await begin()
    const code = await freshCode(site, person)
    expect(outcome(await browser.prove(flow, { method: 'totp', code }))).toBe('signed_in')
    const again = await browser.prove(flow, { method: 'totp', code: await freshCode(site, person) })
    expect(outcome(again)).toBe('401 flow_invalid')
    const next = await begin()
    expect(outcome(await browser.prove(next, { method: 'totp', code }))).toBe('401 factor_rejected')
    expect(await sessionsEver(site)).toBe(before + 1)
  })

  it('a reset of the password by mail is no way around the second factor', async () => {
    const { browser, person, site } = bench
    await site.post('/auth/password/forgot', { email: person.email })
    await site.deliverMail()
    const token = site.mailbox.latestToken(person.email)
    const password = 'another horse battery staple 42'
    const reset = await site.post('/auth/password/reset', { token, password })
    expect(reset.status).toBe(200)
    const before = await sessionsEver(site)
    const answer = await browser.login(person.email, { password })
    expect(answer.json.status).toBe('mfa_required')
    expect(await sessionsEver(site)).toBe(before)
    expect(outcome(await proveFresh(answer.json.flow))).toBe('signed_in')
  })

  it('a role granted while the password is proven counts; a factor enrolled meanwhile begins it anew', async () => {
    const strict = await openFactorSite({ mfa: { roles: ['manager'] } })
    const { hasher } = strict.security.parts.ground
    const { verify } = hasher
    const during = (change: () => Promise<unknown>) => {
      hasher.verify = async (stored, password) => {
        hasher.verify = verify
        await change()
        return verify.call(hasher, stored, password)
      }
    }
    try {
      const email = 'late@example.com'
      const id = await makePerson(strict, email)
      expect(outcome(await visitor(strict).login(email))).toBe('signed_in')
      const before = await sessionsEver(strict)
      during(() => strict.security.users.grantRole(id, 'manager'))
      const asked = await visitor(strict).login(email)
      expect(asked.json).toMatchObject({ status: 'mfa_required', methods: [], expiresIn: 900 })
      expect(asked.json.enrol).toEqual(['totp', 'passkey'])
      const other = await makePerson(strict, 'enrols@example.com')
      const { database } = strict.security.parts.ground
      during(() =>
        database.transaction(async (trx) => {
          await bumpCredentials(trx, other)
          await noteTotp(trx, other, 1)
        }),
      )
      const refused = await visitor(strict).login('enrols@example.com')
      expect(outcome(refused)).toBe('401 invalid_credentials')
      expect(await sessionsEver(strict)).toBe(before)
    } finally {
      await strict.close()
    }
  })
})

it('rule 8: a second factor changes nothing of a refusal: the same answer, statements and hashes', async () => {
  // No time passes here, so that no job adds statements of its own.
  const still = await openFactorSite()
  const watch = watchWork(still)
  try {
    await makePerson(still, 'plain@example.com')
    const userId = await makePerson(still, 'enrolled@example.com')
    const { ground, rooms } = still.security.parts
    const secret = Buffer.alloc(20, 7)
    await ground.database.transaction((trx) => rooms.factors.adopt(trx, { userId, secret }))
    let client = 0
    for (const mfaCode of [undefined, '123456']) {
      const traces = new Set<string>()
      for (const name of ['nobody', 'plain', 'enrolled']) {
        const identifier = `${name}@example.com`
        const body = { identifier, password: 'wrong horse battery 1', mfaCode }
        const where = from(`198.51.100.${++client}`)
        const trace = await watch.during(() => still.post('/auth/login', body, where))
        const headers = trace.headers.filter((line) => !line.startsWith('ratelimit'))
        traces.add(JSON.stringify({ ...trace, headers }))
        expect(trace).toMatchObject({ status: 401, hashes: 1 })
      }
      const [first = ''] = traces
      for (const trace of traces) expect(JSON.parse(trace)).toEqual(JSON.parse(first))
    }
  } finally {
    watch.end()
    await still.close()
  }
})
