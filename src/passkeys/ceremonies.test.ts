import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import { SoftwareAuthenticator } from '../../test/passkeys/authenticator.ts'
import { Bench, baseUrl, browser, ownerOf } from '../../test/passkeys/bench.ts'
import { freshDatabase } from '../../test/services/fresh-database.ts'

const minute = 60_000
const clock = new ManualClock()
let drop = async () => {}
let people = 0
let bench: Bench

const somebody = () => bench.person(`01900000-0000-7000-8000-${String(++people).padStart(12, '0')}`)
const refused = { ok: false }

beforeAll(async () => {
  const fresh = await freshDatabase('sqlite')
  drop = fresh.drop
  bench = await Bench.open({ url: fresh.url, clock })
})
afterAll(async () => {
  await bench.close()
  await drop()
})

describe('a page', () => {
  const elsewhere = [
    'https://shop.example.com.evil.example',
    'https://evil.shop.example.com',
    'https://example.com',
    'http://shop.example.com',
    'https://shop.example.com:8443',
    'https://SHOP.example.com',
    'https://shop.example.com/',
    'null',
    '',
  ]

  it.each(elsewhere)('at "%s" registers nothing and signs nobody in', async (origin) => {
    const owner = await somebody()
    const authenticator = new SoftwareAuthenticator()
    await bench.register(owner, authenticator)
    const { options } = await bench.passkeys.request({ kind: 'sign_in', browser })
    expect(await bench.verify(authenticator.get(options, origin))).toEqual(refused)
    const creation = await bench.passkeys.registration(ownerOf(owner), browser)
    const made = new SoftwareAuthenticator().create(creation.options, origin)
    expect(await bench.verifyNew(owner.id, made)).toEqual(refused)
  })

  it.each([{ crossOrigin: true }, { topOrigin: 'https://evil.example' }])(
    'in a frame is refused: %o',
    async (twist) => {
      const owner = await somebody()
      const authenticator = new SoftwareAuthenticator()
      const made = await bench.newPasskey(owner, new SoftwareAuthenticator(), twist)
      expect(await bench.verifyNew(owner.id, made)).toEqual(refused)
      await bench.register(owner, authenticator)
      expect(await bench.verify(await bench.signature(authenticator, { twist }))).toEqual(refused)
    },
  )

  it.each(['example.com', 'evil.example', 'shop.example.com.', ''])(
    'cannot use a passkey that was made for "%s"',
    async (rpId) => {
      const owner = await somebody()
      const authenticator = new SoftwareAuthenticator()
      const made = await bench.newPasskey(owner, new SoftwareAuthenticator(), { rpId })
      expect(await bench.verifyNew(owner.id, made)).toEqual(refused)
      await bench.register(owner, authenticator)
      expect(await bench.verify(await bench.signature(authenticator, { twist: { rpId } }))).toEqual(
        refused,
      )
    },
  )
})

describe('a challenge', () => {
  it('works once', async () => {
    const owner = await somebody()
    const authenticator = new SoftwareAuthenticator({ counts: false })
    await bench.register(owner, authenticator)
    const sent = await bench.signature(authenticator)
    expect(await bench.verify(sent)).toMatchObject({ ok: true })
    expect(await bench.verify(sent)).toEqual(refused)
    const made = await bench.newPasskey(owner, new SoftwareAuthenticator())
    expect(await bench.verifyNew(owner.id, made)).toMatchObject({ ok: true })
    expect(await bench.verifyNew(owner.id, made)).toEqual(refused)
  })

  it('is spent by an answer that fails', async () => {
    const owner = await somebody()
    const authenticator = new SoftwareAuthenticator()
    await bench.register(owner, authenticator)
    const { options } = await bench.passkeys.request({ kind: 'sign_in', browser })
    expect(await bench.verify(authenticator.get(options, 'https://evil.example'))).toEqual(refused)
    expect(await bench.verify(authenticator.get(options, baseUrl))).toEqual(refused)
  })

  it('ends after five minutes', async () => {
    const owner = await somebody()
    const authenticator = new SoftwareAuthenticator()
    await bench.register(owner, authenticator)
    const [late, inTime] = [
      await bench.signature(authenticator),
      await bench.signature(authenticator),
    ]
    await clock.advance(5 * minute - 1)
    expect(await bench.verify(inTime)).toMatchObject({ ok: true })
    await clock.advance(1)
    expect(await bench.verify(late)).toEqual(refused)
  })

  it('is good for what it was made for, for its account and in its browser alone', async () => {
    const [owner, other] = [await somebody(), await somebody()]
    const authenticator = new SoftwareAuthenticator({ counts: false })
    await bench.register(owner, authenticator)
    const asked = { kind: 'factor', userId: owner.id } as const
    const sent = await bench.signature(authenticator, asked)
    const verify = (change: object) =>
      bench.passkeys.verifyAssertion({ ...asked, browser, response: sent, ...change })
    for (const change of [
      { kind: 'step_up' },
      { kind: 'sign_in' },
      { userId: other.id },
      { userId: undefined },
      { kind: 'sign_in', userId: undefined },
      { browser: 'c'.repeat(43) },
      { browser: '' },
    ]) {
      expect(await verify(change), JSON.stringify(change)).toEqual(refused)
    }
    expect(await verify({})).toMatchObject({ ok: true })
  })

  it('for registering is bound as well', async () => {
    const [owner, other] = [await somebody(), await somebody()]
    const response = await bench.newPasskey(owner, new SoftwareAuthenticator())
    const verify = (change: object) =>
      bench.passkeys.verifyRegistration({ userId: owner.id, browser, response, ...change })
    expect(await verify({ userId: other.id })).toEqual(refused)
    expect(await verify({ browser: 'c'.repeat(43) })).toEqual(refused)
    const { options } = await bench.passkeys.request({ kind: 'step_up', userId: owner.id, browser })
    const borrowed = { challenge: (options as { challenge: string }).challenge }
    const made = await bench.newPasskey(owner, new SoftwareAuthenticator(), borrowed)
    expect(await verify({ response: made })).toEqual(refused)
    expect(await verify({})).toMatchObject({ ok: true })
  })

  it.each([
    ['somebody else made', randomBytes(32).toString('base64url')],
    ['is short', 'AAAA'],
    ['is empty', ''],
    ['is long', 'A'.repeat(5_000)],
    ['has padding', `${'A'.repeat(43)}=`],
  ])('that %s is refused', async (_what, challenge) => {
    const owner = await somebody()
    const authenticator = new SoftwareAuthenticator()
    await bench.register(owner, authenticator)
    const sent = await bench.signature(authenticator, { twist: { challenge } })
    expect(await bench.verify(sent)).toEqual(refused)
  })

  it('is for making or for using', async () => {
    const owner = await somebody()
    const authenticator = new SoftwareAuthenticator()
    await bench.register(owner, authenticator)
    for (const type of ['webauthn.create', 'payment.get', '']) {
      const sent = await bench.signature(authenticator, { twist: { type } })
      expect(await bench.verify(sent), type).toEqual(refused)
    }
    const twist = { type: 'webauthn.get' }
    const made = await bench.newPasskey(owner, new SoftwareAuthenticator(), twist)
    expect(await bench.verifyNew(owner.id, made)).toEqual(refused)
  })

  it('is kept as a hash, with a hash of the browser', async () => {
    const { options } = await bench.passkeys.request({ kind: 'sign_in', browser })
    const rows = await bench.database.reader.selectFrom('hf_ceremonies').selectAll().execute()
    const kept = JSON.stringify(rows)
    expect(rows.length).toBeGreaterThan(0)
    expect(kept).not.toContain((options as { challenge: string }).challenge)
    expect(kept).not.toContain(browser)
  })
})
