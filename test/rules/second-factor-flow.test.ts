import { describe, expect, it } from 'vitest'
import { openFlowBench } from './flow-bench.ts'
import {
  codeAt,
  freshCode,
  makeTotpPerson,
  outcome,
  seen,
  sessionsEver,
  type TotpPerson,
  visitor,
  wrongCode,
} from './second-factor-kit.ts'

const bench = openFlowBench()
const { begin, proveFresh } = bench

describe('rule 3: a flow belongs to the browser that began it, and works once', () => {
  it('another browser, with no cookie or with one of its own, is refused, and spends nothing of it', async () => {
    const { browser, person, site } = bench
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
    const { person, site } = bench
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
    const { browser, person, site } = bench
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
    const { browser, person, site } = bench
    const other = await makeTotpPerson(site, `other-${person.id}@example.com`)
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
    const { browser, site } = bench
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
    const { browser, person } = bench
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
    const { browser, person, site } = bench
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
    const { browser, site } = bench
    const { users } = site.security
    const changes: Readonly<Record<string, (person: TotpPerson) => Promise<unknown>>> = {
      locked: ({ id }) => users.lock(id, {}, { reason: 'test' }),
      disabled: ({ id }) => users.disable(id, { reason: 'test' }),
      'factor removed': async (person) => {
        const flow = await begin(browser, person)
        const { json } = await proveFresh(flow, browser, person)
        const bearer = { authorization: `Bearer ${json.accessToken}` }
        const removed = await site.post('/auth/mfa/totp/disable', {}, bearer)
        expect(removed.status).toBe(200)
      },
      'password changed': async (person) => {
        await site.post('/auth/password/forgot', { email: person.email })
        await site.deliverMail()
        const token = site.mailbox.latestToken(person.email)
        const password = 'another horse battery staple 42'
        expect((await site.post('/auth/password/reset', { token, password })).status).toBe(200)
      },
    }
    for (const [name, change] of Object.entries(changes)) {
      const person = await makeTotpPerson(site, `${name.replace(' ', '-')}@example.com`)
      const who = visitor(site)
      const flow = await begin(who, person)
      await change(person)
      const before = await sessionsEver(site)
      const answer = await proveFresh(flow, who, person)
      expect(outcome(answer), name).toBe('401 flow_invalid')
      expect(
        outcome(await who.prove(flow, { method: 'totp', code: wrongCode(site, person) })),
      ).toBe('401 flow_invalid')
      expect(await sessionsEver(site), name).toBe(before)
    }
  })

  it('a refused step spends neither the code nor the flow', async () => {
    const { browser, person, site } = bench
    const flow = await begin()
    const [code = ''] = person.recoveryCodes
    await site.security.users.lock(person.id, {}, { reason: 'test' })
    const proof = { method: 'recovery_code', code }
    expect(outcome(await browser.prove(flow, proof))).toBe('401 flow_invalid')
    await site.security.users.unlock(person.id, { reason: 'test' })
    expect(outcome(await browser.prove(await begin(), proof))).toBe('signed_in')
  })
})
