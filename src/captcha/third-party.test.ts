import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  breakOff,
  FakeSiteverify,
  json,
  passes,
  pour,
  raw,
  refusals,
  type SiteverifyReply,
} from '../../test/fake-siteverify.ts'
import { freePort } from '../../test/free-port.ts'
import { ManualClock } from '../../test/manual-clock.ts'
import { type Database, Migrator, openDatabase } from '../database/index.ts'
import { type Logger, silentLogger, systemRandom } from '../ports/index.ts'
import {
  type CaptchaSettings,
  captchaMigrations,
  createCaptcha,
  SpentChallenges,
  type ThirdPartyName,
  widgetHosts,
} from './index.ts'

const names: readonly ThirdPartyName[] = ['turnstile', 'hcaptcha', 'recaptcha']
const siteKey = '1x00000000000000000000AA'
const secret = 'the secret of the site, kept by nobody else'
const token = 'XXXX.DUMMY-TOKEN_XXXX'

let fake: FakeSiteverify
let database: Database
const lines: { level: string; message: string; fields: unknown }[] = []
let clock = new ManualClock()

beforeAll(async () => {
  fake = await FakeSiteverify.start()
  database = await openDatabase({ url: 'sqlite::memory:', clock, logger: silentLogger })
  await new Migrator(database, captchaMigrations).up()
})
afterAll(async () => {
  await fake?.close()
  await database?.close()
})
beforeEach(async () => {
  clock = new ManualClock()
  await database.transaction((trx) => trx.deleteFrom('hf_spent_challenges').execute())
})
afterEach(() => {
  fake.asked.length = 0
  lines.length = 0
})

const note = (level: string) => (message: string, fields: unknown) =>
  void lines.push({ level, message, fields })
const logger: Logger = { ...silentLogger, warn: note('warn'), error: note('error') }

function captchaOf(provider: ThirdPartyName, changes: Partial<CaptchaSettings> = {}) {
  const settings = { siteKey, secret: { reveal: () => secret }, verifyUrl: fake.url, work: 1_000 }
  const captcha = createCaptcha({
    settings: { provider, whenUnavailable: 'refuse', ...settings, ...changes },
    key: Buffer.alloc(32),
    hosts: widgetHosts('https://shop.example', ['https://app.example:8443']),
    spent: new SpentChallenges({ clock, database }),
    ...{ clock, logger, random: systemRandom },
  })
  if (!captcha) throw new Error('there is a provider')
  return captcha
}

type Changes = Partial<CaptchaSettings>
const verify = (provider: ThirdPartyName, changes: Changes = {}, solution = token) =>
  captchaOf(provider, changes).verify(solution, { ip: '192.0.2.7' })

describe.each(names)('%s', (name) => {
  it('gives a client its name and the public key, nothing else', async () => {
    expect(await captchaOf(name).challenge()).toEqual({ provider: name, siteKey })
  })

  it('is asked once, by a form that says secret, response and address', async () => {
    fake.reply = json(passes[name])
    expect(await verify(name)).toBe(true)
    const sitekey = name === 'hcaptcha' ? { sitekey: siteKey } : {}
    expect(fake.asked).toEqual([
      {
        method: 'POST',
        type: 'application/x-www-form-urlencoded;charset=UTF-8',
        fields: { secret, response: token, remoteip: '192.0.2.7', ...sitekey },
      },
    ])
    expect(clock.pending).toBe(0)
  })

  it('is not told an address that is not known', async () => {
    fake.reply = json(passes[name])
    expect(await captchaOf(name).verify(token, {})).toBe(true)
    expect(fake.asked[0]?.fields).not.toHaveProperty('remoteip')
  })

  it('lets a solution pass once, though the provider would say yes again', async () => {
    fake.reply = json(passes[name])
    expect(await verify(name)).toBe(true)
    expect(await verify(name)).toBe(false)
    expect(fake.asked).toHaveLength(1)
    expect(await verify(name, {}, 'another')).toBe(true)
  })

  it('lets one of 20 uses at once pass', async () => {
    fake.reply = json(passes[name])
    const all = await Promise.all(Array.from({ length: 20 }, () => verify(name)))
    expect(all.filter((passed) => passed)).toHaveLength(1)
  })

  it.each(refusals[name])(
    'refuses what is answered with %s, also where an outage is spared',
    async (code) => {
      for (const status of [200, 400]) {
        fake.reply = json({ success: false, 'error-codes': [code] }, status)
        expect(await verify(name, { whenUnavailable: 'allow' })).toBe(false)
      }
      expect(fake.asked).toHaveLength(2)
    },
  )

  it.each([
    ['a success with error codes', { ...passes[name], 'error-codes': ['bad-request'] }],
    ['a refusal without codes', { success: false }],
    ['a refusal with a code nobody documents', { success: false, 'error-codes': ['new-one'] }],
  ])('refuses %s', async (_, body) => {
    fake.reply = json(body)
    expect(await verify(name, { whenUnavailable: 'allow' })).toBe(false)
  })

  it('refuses a 4xx whatever its body: a stranger may have provoked it', async () => {
    for (const status of [400, 403, 413, 429]) {
      fake.reply = raw('<html>Blocked</html>', status)
      expect(await verify(name, { whenUnavailable: 'allow' }), `${status}`).toBe(false)
    }
  })

  const verdicts = [
    ['refuse', false],
    ['allow', true],
  ] as const

  describe.each(verdicts)('while it cannot be asked, with %s', (whenUnavailable, passed) => {
    const failures: readonly (readonly [string, SiteverifyReply])[] = [
      ['a 500', json(passes[name], 500)],
      ['a 503 with a refusal inside', json({ success: false }, 503)],
      ['a redirect', (response) => void response.writeHead(302, { location: '/elsewhere' }).end()],
      ['an empty answer', raw('')],
      ['HTML', raw('<html>Hello</html>')],
      ['JSON of no object', raw('true')],
      ['success as text', json({ ...passes[name], success: 'true' })],
      ['success as a number', json({ ...passes[name], success: 1 })],
      ['codes of another type', json({ ...passes[name], 'error-codes': 'none' })],
      ['a host of another type', json({ ...passes[name], hostname: ['shop.example'] })],
      ['an answer that breaks off', breakOff],
      ['an answer without end', pour],
      ['a connection that is closed', (response) => void response.destroy()],
    ]

    it.each(failures)(`%s means ${passed}`, async (_, failure) => {
      fake.reply = failure
      expect(await verify(name, { whenUnavailable })).toBe(passed)
      expect(fake.asked).toHaveLength(1)
      expect(lines.map(({ level }) => level)).toEqual(['warn'])
      expect(clock.pending).toBe(0)
    })

    it(`nobody at the address means ${passed}`, async () => {
      const nowhere = `http://127.0.0.1:${await freePort()}/`
      expect(await verify(name, { whenUnavailable, verifyUrl: nowhere })).toBe(passed)
    })

    it(`no answer within two seconds means ${passed}`, async () => {
      fake.reply = () => {}
      expect(await lateVerdict(name, whenUnavailable)).toBe(passed)
    })

    it(`half an answer within two seconds means ${passed}`, async () => {
      fake.reply = (response) => void response.writeHead(200).write('{"success":')
      expect(await lateVerdict(name, whenUnavailable)).toBe(passed)
    })
  })

  it('an outage that was spared uses nothing up', async () => {
    fake.reply = raw('', 500)
    expect(await verify(name, { whenUnavailable: 'allow' }, 'unavailable')).toBe(true)
    expect(await verify(name, { whenUnavailable: 'allow' }, 'unavailable')).toBe(true)
    fake.reply = json({ success: false, 'error-codes': ['invalid-input-response'] })
    expect(await verify(name, { whenUnavailable: 'allow' }, 'unavailable')).toBe(false)
  })

  it('never sees what cannot be a token', async () => {
    fake.reply = json(passes[name])
    const texts = ['', ' ', 'a b', '<script>', 'tökén', 'a\nb', 'x'.repeat(8_193), '\u0000']
    for (const text of texts) expect(await verify(name, {}, text), text).toBe(false)
    expect(fake.asked).toEqual([])
  })

  it('says once a minute that our keys are wrong, and never prints them', async () => {
    fake.reply = json({ success: false, 'error-codes': ['invalid-input-secret'] })
    const captcha = captchaOf(name)
    await captcha.verify('one', {})
    await captcha.verify('two', {})
    expect(lines.map(({ level }) => level)).toEqual(['error'])
    await clock.advance(60_000)
    await captcha.verify('three', {})
    expect(lines).toHaveLength(2)
    expect(JSON.stringify([lines, captcha])).not.toContain(secret)
  })
})

/** Moves the clock to two seconds once the question has arrived and time is being measured. */
async function lateVerdict(name: ThirdPartyName, whenUnavailable: 'refuse' | 'allow') {
  const arrived = fake.nextQuestion()
  const verdict = verify(name, { whenUnavailable })
  await arrived
  await setImmediate()
  await clock.advance(2_000)
  return verdict
}

describe('where a solution was made', () => {
  it.each(['turnstile', 'recaptcha'] as const)('must be one of our hosts: %s', async (name) => {
    const judge = async (hostname?: string | null) => {
      fake.reply = json({ ...passes[name], hostname })
      return verify(name, { whenUnavailable: 'allow' }, `token-of-${hostname}`)
    }
    expect(await judge('shop.example')).toBe(true)
    expect(await judge('SHOP.example')).toBe(true)
    expect(await judge('app.example')).toBe(true)
    for (const other of ['evil.example', 'shop.example.evil.example', '', undefined, null]) {
      expect(await judge(other), `${other}`).toBe(false)
    }
  })

  it('does not count with hCaptcha, whose documentation forbids it', async () => {
    fake.reply = json({ ...passes.hcaptcha, hostname: 'evil.example' })
    expect(await verify('hcaptcha')).toBe(true)
  })

  it('does not count on localhost, where test keys answer with names of their own', () => {
    for (const own of ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000']) {
      expect(widgetHosts(own, [])).toBeUndefined()
    }
  })
})

it('Turnstile that failed inside counts as an outage, as it says', async () => {
  fake.reply = json({ success: false, 'error-codes': ['internal-error'] })
  expect(await verify('turnstile', { whenUnavailable: 'allow' })).toBe(true)
  expect(await verify('turnstile', { whenUnavailable: 'refuse' })).toBe(false)
})

it('a score of reCAPTCHA v3 must be 0.5 or more; one of hCaptcha means something else', async () => {
  const judge = (score: unknown, name: ThirdPartyName = 'recaptcha') => {
    fake.reply = json({ ...passes[name], score, action: 'login' })
    return verify(name, { whenUnavailable: 'refuse' }, `score-${score}`)
  }
  expect(await judge(0.5)).toBe(true)
  expect(await judge(0.9)).toBe(true)
  for (const score of [0, 0.4999, -1, 2, '0.9']) expect(await judge(score), `${score}`).toBe(false)
  expect(await judge(0.1, 'hcaptcha')).toBe(true)
})

it('whatever is answered, the verdict is yes or no', async () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.json(),
    fc
      .record(
        {
          success: fc.oneof(fc.boolean(), fc.jsonValue()),
          'error-codes': fc.oneof(fc.array(fc.string()), fc.jsonValue()),
          hostname: fc.oneof(fc.constant('shop.example'), fc.jsonValue()),
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value)),
  )
  const statuses = fc.constantFrom(200, 200, 200, 204, 302, 400, 404, 500)
  let turn = 0
  const allowed = new Set<string>()
  const property = fc.asyncProperty(anything, statuses, async (text, status) => {
    fake.reply = raw(status === 204 ? '' : text, status)
    turn += 1
    if (await verify('recaptcha', {}, `turn-${turn}`)) allowed.add(text)
  })
  await fc.assert(property, { numRuns: 300 })
  for (const text of allowed) {
    expect(JSON.parse(text)).toMatchObject({ success: true, hostname: 'shop.example' })
  }
})

it('without keys there is no third party', () => {
  expect(() => captchaOf('turnstile', { secret: undefined as never })).toThrow(TypeError)
})
