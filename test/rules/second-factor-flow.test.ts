import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bumpCredentials, noteTotp } from '../../src/users/index.ts'
import { watchWork } from './enumeration-kit.ts'
import { from, type Site } from './identity-kit.ts'
import {
  codeAt,
  freshCode,
  makePerson,
  makeTotpPerson,
  openFactorSite,
  outcome,
  recordsOf,
  seen,
  sessionsEver,
  type TotpPerson,
  type Visitor,
  visitor,
  wrongCode,
} from './second-factor-kit.ts'

let site: Site
let people = 0
let person: TotpPerson
let browser: Visitor
beforeAll(async () => {
  site = await openFactorSite()
})
afterAll(() => site.close())
beforeEach(async () => {
  person = await makeTotpPerson(site, `flow${++people}@example.com`)
  browser = visitor(site)
})

const begin = async (who = browser, of = person): Promise<string> => {
  const answer = await who.login(of.email)
  expect(answer.json.status).toBe('mfa_required')
  return answer.json.flow
}
const proveFresh = async (flow: string, who = browser, of = person) =>
  who.prove(flow, { method: 'totp', code: await freshCode(site, of) })
const users = () => site.security.users

describe('rule 2: no session before every required factor is proven', () => {
  it('a right password issues nothing; the flow names nobody; the code issues one session of level 2', async () => {
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
    const answer = await browser.login(person.email)
    const [cookie = ''] = answer.headers.getSetCookie()
    expect(cookie).toMatch(
      /^__Host-hf_flow=[\w-]{43}; Path=\/; Max-Age=300; HttpOnly; Secure; SameSite=Lax$/,
    )
    expect(answer.text).not.toContain(browser.cookies.get('__Host-hf_flow'))
  })

  it('mfaCode finishes at once, and is looked at only after the password', async () => {
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
    const before = await sessionsEver(site)
    const answer = await browser.login(person.email, { mfaCode: wrongCode(site, person) })
    expect(outcome(answer)).toBe('401 factor_rejected')
    expect(await sessionsEver(site)).toBe(before)
    expect((await recordsOf(site, 'sign_in.factor_failed')).at(-1)).toEqual({
      userId: person.id,
      method: 'totp',
    })
    await makePerson(site, `plain${people}@example.com`)
    const plain = await browser.login(`plain${people}@example.com`, { mfaCode: '123456' })
    expect(outcome(plain)).toBe('signed_in')
  })

  it('the same factor is not counted twice: a second code in place of the password, or another flow', async () => {
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

describe('rule 3: a flow belongs to the browser that began it, and works once', () => {
  it('another browser, with no cookie or with one of its own, is refused, and spends nothing of it', async () => {
    const flow = await begin()
    const code = await freshCode(site, person)
    const stranger = visitor(site, '198.51.100.1')
    const own = visitor(site, '198.51.100.2')
    await begin(own)
    const none = visitor(site, '198.51.100.3', { origin: 'http://localhost:3000' })
    for (const who of [stranger, own, none]) {
      for (let turn = 0; turn < 6; turn++) {
        const answer = await who.prove(flow, { method: 'totp', code })
        expect(outcome(answer)).toBe('401 flow_invalid')
      }
    }
    expect(outcome(await browser.prove(flow, { method: 'totp', code }))).toBe('signed_in')
  })

  it('a flow of a native client belongs to its user agent', async () => {
    const native = visitor(site, '192.0.2.9', { 'user-agent': 'Shop/1.0 (phone)' })
    const first = await native.login(person.email, { transport: 'body' })
    expect(first.headers.getSetCookie()).toEqual([])
    const { flow } = first.json
    const other = visitor(site, '192.0.2.9', { 'user-agent': 'Shop/2.0 (phone)' })
    const code = await freshCode(site, person)
    const proof = { method: 'totp', code }
    expect(outcome(await other.prove(flow, proof))).toBe('401 flow_invalid')
    const done = await native.prove(flow, proof)
    expect(outcome(done)).toBe('signed_in')
    expect(done.json.refreshToken).toMatch(/^[\w-]{43}$/)
  })

  it('an end is an end before any cleaner has run', async () => {
    const flow = await begin()
    await site.advance(300_000)
    const code = codeAt(person.secret, site.clock.now())
    expect(outcome(await browser.prove(flow, { method: 'totp', code }))).toBe('401 flow_invalid')
    const rows = () =>
      site.security.parts.ground.database.reader
        .selectFrom('hf_sign_in_flows')
        .selectAll()
        .execute()
    expect(await rows()).not.toEqual([])
    await site.advance(900_000)
    await site.security.parts.rooms.signIn.sweep()
    expect(await rows()).toEqual([])
  })

  it('a code of one account finishes no flow of another', async () => {
    const other = await makeTotpPerson(site, `other${people}@example.com`)
    const flow = await begin()
    const code = await freshCode(site, other)
    if (code === codeAt(person.secret, site.clock.now())) return
    expect(outcome(await browser.prove(flow, { method: 'totp', code }))).toBe('401 factor_rejected')
    const theirs = await begin(visitor(site, '192.0.2.30'), other)
    expect(outcome(await browser.prove(theirs, { method: 'totp', code }))).toBe('401 flow_invalid')
  })
})

describe('rule 4: a flow moves only on proof', () => {
  it('empty, malformed, huge and out-of-order requests are 4xx with one code, and issue nothing', async () => {
    const before = await sessionsEver(site)
    const bad: readonly Readonly<Record<string, unknown>>[] = [
      { method: 'totp' },
      { method: 'totp', code: '' },
      { method: 'totp', code: '12345' },
      { method: 'totp', code: '1234567' },
      { method: 'totp', code: '１２３４５６' },
      { method: 'totp', code: '٣٤٥٦٧٨' },
      { method: 'totp', code: '-12345' },
      { method: 'totp', code: '1e5   ' },
      { method: 'totp', code: 'x'.repeat(9_000) },
      { method: 'recovery_code', code: '' },
      { method: 'recovery_code', code: 'ıııııııııı' },
      { method: 'recovery_code', code: 'A'.repeat(9_000) },
      { method: 'recovery_code' },
      { method: 'passkey' },
      { method: 'passkey', response: {} },
      { method: 'passkey', response: { id: 'x', rawId: 'x', type: 'public-key', response: {} } },
      { method: 'passkey', code: '123456' },
    ]
    const answers = new Set<string>()
    for (const proof of bad) {
      site.clock.jump(25 * 60 * 60 * 1000)
      const answer = await browser.prove(await begin(), proof)
      expect(outcome(answer), JSON.stringify(proof).slice(0, 60)).toBe('401 factor_rejected')
      answers.add(seen(answer))
    }
    expect(answers.size).toBe(1)
    expect(await sessionsEver(site)).toBe(before)
  })

  it('what does not have the shape of a request is 400 and counts nothing', async () => {
    const flow = await begin()
    const bad = [
      {},
      { flow },
      { flow, method: 'email', code: '123456' },
      { flow, method: 'totp', code: 123_456 },
      { flow, method: 'totp', code: ['123456'] },
      { flow, method: 'totp', code: '123456', userId: person.id },
      { flow, method: 'totp', code: '123456', level: 2 },
      { flow: '', method: 'totp', code: '123456' },
      { flow: 'x'.repeat(201), method: 'totp', code: '123456' },
      { method: 'totp', code: '123456' },
    ]
    for (const body of bad) expect((await browser.post('/auth/login/mfa', body)).status).toBe(400)
    const megabyte = { method: 'totp', code: '1'.repeat(1_000_000) }
    expect((await browser.prove(flow, megabyte)).status).toBe(413)
    expect((await browser.login(person.email, { mfaCode: megabyte.code })).status).toBe(413)
    expect(outcome(await proveFresh(flow))).toBe('signed_in')
  })

  it('no flow, one of nobody, one that is finished and one for enrolling are the same 401', async () => {
    const flow = await begin()
    await proveFresh(flow)
    const code = await freshCode(site, person)
    const answers = new Set<string>()
    for (const other of [flow, 'x', 'A'.repeat(43), `${flow}A`, '../../etc', '%00']) {
      const answer = await browser.prove(other, { method: 'totp', code })
      expect(outcome(answer), other).toBe('401 flow_invalid')
      answers.add(seen(answer))
    }
    expect(answers.size).toBe(1)
    const next = await begin()
    for (const path of ['totp/setup', 'passkey/options']) {
      const answer = await browser.post(`/auth/login/enrol/${path}`, { flow: next })
      expect(outcome(answer)).toBe('401 flow_invalid')
    }
    const enable = await browser.post('/auth/login/enrol/totp/enable', { flow: next, code })
    expect(outcome(enable)).toBe('401 flow_invalid')
  })

  it('a change of the password, a factor or the standing of the account ends what was begun before it', async () => {
    const changes: Readonly<Record<string, () => Promise<unknown>>> = {
      locked: () => users().lock(person.id, {}, { reason: 'test' }),
      disabled: () => users().disable(person.id, { reason: 'test' }),
      'factor removed': async () => {
        const flow = await begin()
        const { json } = await proveFresh(flow)
        const bearer = { authorization: `Bearer ${json.accessToken}` }
        const removed = await site.post('/auth/mfa/totp/disable', {}, bearer)
        expect(removed.status).toBe(200)
      },
      'password changed': async () => {
        await site.post('/auth/password/forgot', { email: person.email })
        await site.deliverMail()
        const token = site.mailbox.latestToken(person.email)
        const password = 'another horse battery staple 42'
        expect((await site.post('/auth/password/reset', { token, password })).status).toBe(200)
      },
    }
    for (const [name, change] of Object.entries(changes)) {
      person = await makeTotpPerson(site, `change${++people}@example.com`)
      const who = visitor(site)
      const flow = await begin(who)
      await change()
      const before = await sessionsEver(site)
      const answer = await proveFresh(flow, who)
      expect(outcome(answer), name).toBe('401 flow_invalid')
      expect(
        outcome(await who.prove(flow, { method: 'totp', code: wrongCode(site, person) })),
      ).toBe('401 flow_invalid')
      expect(await sessionsEver(site), name).toBe(before)
    }
  })

  it('a refused step spends neither the code nor the flow', async () => {
    const flow = await begin()
    const [code = ''] = person.recoveryCodes
    await users().lock(person.id, {}, { reason: 'test' })
    const proof = { method: 'recovery_code', code }
    expect(outcome(await browser.prove(flow, proof))).toBe('401 flow_invalid')
    await users().unlock(person.id, { reason: 'test' })
    expect(outcome(await browser.prove(await begin(), proof))).toBe('signed_in')
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
