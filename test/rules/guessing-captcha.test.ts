import { afterEach, describe, expect, it } from 'vitest'
import type { CaptchaOptions } from '../../src/config/options-accounts.ts'
import { FakeSiteverify, json, passes, raw } from '../fake-siteverify.ts'
import type { HttpAnswer } from '../nodes/nodes.ts'
import { solveCaptcha } from '../solve-captcha.ts'
import { from, goodPassword, openSite, type Site } from './identity-kit.ts'

const known = 'ada@example.com'
const unknown = 'eve@example.com'
const wrong = 'not her password 42'
const client = '198.51.100.7'

let site: Site
let fake: FakeSiteverify | undefined
afterEach(async () => {
  await site.close()
  await fake?.close()
  fake = undefined
})

async function open(captcha: CaptchaOptions = { work: 1_000 }): Promise<void> {
  site = await openSite({ captcha })
  await site.signUp(known)
}

const attempt = (identifier: string, password: string, captcha?: string) =>
  site.post(
    '/auth/login',
    { identifier, password, transport: 'body', ...(captcha === undefined ? {} : { captcha }) },
    from(client),
  )

/** Wrong attempts, the last of which is answered as given. */
async function fail(identifier: string, times: number): Promise<void> {
  for (let turn = 0; turn < times; turn++) {
    expect((await attempt(identifier, wrong)).json).toMatchObject({ code: 'invalid_credentials' })
  }
}

const due = async (identifier = known): Promise<HttpAnswer> => {
  const answer = await attempt(identifier, wrong)
  expect(answer.json).toMatchObject({ status: 'challenge_required' })
  return answer
}

/** Headers that two answers must share: all but those that count or name the request. */
const ownHeaders = new Set(['date', 'x-request-id', 'content-security-policy', 'ratelimit'])
const headersOf = ({ headers }: HttpAnswer) =>
  [...headers].filter(([name]) => !ownHeaders.has(name))

describe('after three failures', () => {
  it.each([
    ['an account', known],
    ['a name that nobody has', unknown],
  ])('a proof is asked of whoever tries %s, and not before', async (_, identifier) => {
    await open()
    await fail(identifier, 3)
    const { json: body, status } = await due(identifier)
    expect(status).toBe(200)
    expect(Object.keys(body)).toEqual(['status', 'challenge'])
    expect(body.challenge).toMatchObject({ provider: 'altcha', maxnumber: 1_000 })
  })

  it('the answers for both are the same but for the challenge, to the byte', async () => {
    await open()
    for (const identifier of [known, unknown]) await fail(identifier, 3)
    const [one, other] = [await due(known), await due(unknown)]
    const masked = ({ text }: HttpAnswer) =>
      text.replaceAll(/[0-9a-f]{24,}/g, (hex) => `${hex.length}`)
    expect(masked(other)).toBe(masked(one))
    expect(headersOf(other)).toEqual(headersOf(one))
    expect(one.json.challenge.challenge).not.toBe(other.json.challenge.challenge)
  })

  it('the right password without it changes nothing and opens nothing', async () => {
    await open()
    await fail(known, 3)
    const refused = await attempt(known, goodPassword)
    expect(refused.json).toEqual({ status: 'challenge_required', challenge: expect.anything() })
    const masked = (answer: HttpAnswer) => answer.text.replaceAll(/[0-9a-f]{24,}/g, 'x')
    expect(masked(refused)).toBe(masked(await due()))
    expect(headersOf(refused)).toEqual(headersOf(await due()))
  })

  it('a solved one lets the next attempt be judged, right or wrong', async () => {
    await open()
    await fail(known, 3)
    const judged = await attempt(known, wrong, solveCaptcha((await due()).json.challenge))
    expect(judged.status).toBe(401)
    expect(judged.json).toMatchObject({ code: 'invalid_credentials' })
    const solution = solveCaptcha((await due()).json.challenge)
    expect((await attempt(known, goodPassword, solution)).json).toMatchObject({
      status: 'signed_in',
    })
  })

  it('a solved one is worth one attempt', async () => {
    await open()
    await fail(known, 3)
    const solution = solveCaptcha((await due()).json.challenge)
    expect((await attempt(known, wrong, solution)).status).toBe(401)
    for (const password of [wrong, goodPassword]) {
      expect((await attempt(known, password, solution)).json.status).toBe('challenge_required')
    }
    expect((await attempt(unknown, wrong, solution)).status).toBe(401)
  })

  it('a solution that is old, foreign or nonsense is as none', async () => {
    await open()
    await fail(known, 3)
    const solution = solveCaptcha((await due()).json.challenge)
    const other = await openSite({ captcha: { work: 1_000 } })
    const foreign = solveCaptcha((await other.get('/auth/captcha')).json)
    await other.close()
    const refuses = async (captcha: string) =>
      expect((await attempt(known, goodPassword, captcha)).json.status).toBe('challenge_required')
    for (const captcha of [foreign, '', 'x', 'e30=', 'A'.repeat(8_000)]) await refuses(captcha)
    await site.advance(5 * 60_000)
    await refuses(solution)
  })
})

describe('GET /auth/captcha', () => {
  it('gives a challenge beforehand, which nobody stores and every form can use', async () => {
    await open()
    const prepared = await site.get('/auth/captcha', from(client))
    expect(prepared.status).toBe(200)
    expect(prepared.headers.get('cache-control')).toBe('no-store')
    await fail(known, 3)
    const answer = await attempt(known, goodPassword, solveCaptcha(prepared.json))
    expect(answer.json).toMatchObject({ status: 'signed_in' })
  })

  it('is limited like any request without a credential', async () => {
    site = await openSite({ limits: { general: { points: 3 } } })
    const statuses: number[] = []
    for (let turn = 0; turn < 4; turn++) {
      statuses.push((await site.get('/auth/captcha', from(client))).status)
    }
    expect(statuses).toEqual([200, 200, 200, 429])
  })

  it('is not there where no proof is asked, and nobody is asked for one', async () => {
    await open({ provider: 'none' })
    expect((await site.get('/auth/captcha')).status).toBe(404)
    await fail(known, 5)
    expect((await attempt(unknown, wrong)).status).toBe(401)
  })
})

describe('a provider elsewhere', () => {
  const secret = 'the secret of this site'
  const openWith = async (whenUnavailable: 'refuse' | 'allow') => {
    fake = await FakeSiteverify.start()
    const keys = { siteKey: 'the-site-key', secret, verifyUrl: fake.url }
    await open({ provider: 'turnstile', whenUnavailable, ...keys })
    await fail(known, 3)
    return fake
  }

  it('names itself and its key in the challenge; its yes lets one attempt be judged', async () => {
    const provider = await openWith('refuse')
    const { json: body } = await due()
    expect(body.challenge).toEqual({ provider: 'turnstile', siteKey: 'the-site-key' })
    provider.reply = json(passes.turnstile)
    expect((await attempt(known, wrong, 'a-token')).status).toBe(401)
    expect(provider.asked[0]?.fields).toEqual({ secret, response: 'a-token', remoteip: client })
    expect((await attempt(known, goodPassword, 'a-token')).json.status).toBe('challenge_required')
    expect((await attempt(known, goodPassword, 'b-token')).json.status).toBe('signed_in')
  })

  const verdicts = [
    ['refuse', 'challenge_required'],
    ['allow', 'signed_in'],
  ] as const

  it.each(verdicts)('that fails gets the verdict %s: %s', async (whenUnavailable, status) => {
    const provider = await openWith(whenUnavailable)
    for (const reply of [raw('Bad gateway', 502), raw('<html>')]) {
      provider.reply = reply
      expect((await attempt(known, goodPassword, 'unavailable')).json.status).toBe(status)
    }
  })

  it.each(verdicts)(
    'that is silent gets it within two seconds: %s: %s',
    async (whenUnavailable, status) => {
      const provider = await openWith(whenUnavailable)
      provider.reply = () => {}
      const asked = provider.nextQuestion()
      const answer = attempt(known, goodPassword, 'unavailable')
      await asked
      site.clock.advance(2_000)
      expect((await answer).json.status).toBe(status)
    },
  )

  it('that refuses is believed, also where an outage is spared', async () => {
    const provider = await openWith('allow')
    provider.reply = json({ success: false, 'error-codes': ['invalid-input-response'] })
    expect((await attempt(known, goodPassword, 'x')).json.status).toBe('challenge_required')
  })
})
