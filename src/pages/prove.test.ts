import { describe, expect, it } from 'vitest'
import { openOwnerBench } from '../../test/pages/owner-bench.ts'
import { openSite, password } from '../../test/pages/site.ts'
import {
  addPasskey,
  appCode,
  keyOn,
  newMember,
  proveBy,
  setUpApp,
  Visitor,
} from '../../test/pages/visitor.ts'
import { SoftwareAuthenticator } from '../../test/passkeys/authenticator.ts'

const bench = openOwnerBench()

const minutes = (number: number) => bench.site.advance(number * 60_000)

describe('a fresh proof', () => {
  const behind = [
    ...['authenticator', 'authenticator/remove', 'recovery-codes', 'passkeys/add'],
    'passkeys/remove?id=x',
  ]

  it.each(behind)('is asked for before %s, and leads back there', async (page) => {
    const { owner } = bench
    await minutes(16)
    const sent = await owner.get(`/account/${page}`)
    const prove = `/account/prove?next=${encodeURIComponent(`/account/${page}`)}`
    expect([sent.status, sent.location]).toEqual([303, prove])
    expect((await owner.get(prove)).html).toContain('autocomplete="current-password"')
    const form = { currentPassword: password, next: `/account/${page}` }
    expect((await owner.post('/account/prove', form)).location).toBe(`/account/${page}`)
    expect((await owner.get(`/account/${page}`)).location).toBe('')
  })

  it.each(behind)(
    'is asked for by the button of %s too, and the page says what is lost',
    async (page) => {
      const { owner } = bench
      await minutes(16)
      const refused = await owner.post(`/account/${page}`)
      expect(refused.status).toBe(401)
      expect(refused.html).toContain('Nothing was changed. What you entered was not kept')
      const back = encodeURIComponent(`/account/${page}`)
      expect(refused.html).toContain(`href="/account/prove?next=${back}"`)
    },
  )

  it.each(['password', 'email', 'close'])(
    'of the second factor is asked for before %s where there is one',
    async (page) => {
      const { owner } = bench
      await setUpApp(owner)
      expect((await owner.get(`/account/${page}`)).status).toBe(200)
      await minutes(16)
      expect((await owner.get(`/account/${page}`)).location).toBe(
        `/account/prove?next=%2Faccount%2F${page}`,
      )
      const form = { currentPassword: password, email: 'x@y.example', password: 'x'.repeat(20) }
      const { email: typed, password: chosen, ...rest } = form
      const fields = { ...rest, ...(page === 'email' ? { email: typed } : {}) }
      const sent = page === 'password' ? { ...fields, password: chosen } : fields
      const refused = await owner.post(`/account/${page}`, sent)
      expect(refused.status).toBe(401)
      expect(refused.html).toContain('Please confirm that it is you')
    },
  )

  it('by a code or a recovery code, where there is a second factor; the password is not asked', async () => {
    const { owner, site } = bench
    const { codes, key } = await setUpApp(owner)
    await minutes(16)
    const page = await owner.get('/account/prove?next=/account/recovery-codes')
    expect(page.html).not.toContain('current-password')
    expect(page.html).toContain('autocomplete="one-time-code"')
    const next = '/account/recovery-codes'
    const wrong = await owner.post('/account/prove', { method: 'totp', code: '000000', next })
    expect([wrong.status, wrong.html.includes('This code was not accepted.')]).toEqual([401, true])
    // Guesses are slowed down from the first wrong one on.
    await minutes(1)
    const right = { method: 'totp', code: appCode(site, key), next }
    expect((await owner.post('/account/prove', right)).location).toBe(next)
    expect((await owner.get(next)).status).toBe(200)
    await minutes(16)
    const recovery = { method: 'recovery_code', code: codes[0] ?? '', next }
    expect((await owner.post('/account/prove', recovery)).location).toBe(next)
  })

  it('by a passkey', async () => {
    const { owner } = bench
    const { authenticator } = await addPasskey(owner)
    await minutes(16)
    const next = '/account/recovery-codes'
    expect((await proveBy(owner, authenticator, next)).location).toBe(next)
    expect((await owner.get('/account/recovery-codes')).status).toBe(200)
  })

  it('is not given by a password that is wrong, missing, or not enough', async () => {
    const { owner } = bench
    const form = { currentPassword: 'wrong', next: '/app' }
    const wrong = await owner.post('/account/prove', form)
    expect(wrong.html).toContain('This is not your current password.')
    expect(wrong.html).not.toContain('value="wrong"')
    expect((await owner.post('/account/prove', { next: '/app' })).status).toBe(400)
    await setUpApp(owner)
    const enough = await owner.post('/account/prove', {
      currentPassword: password,
      next: '/app',
    })
    expect(enough.status).toBe(401)
  })

  it.each(['//evil.example', 'https://evil.example', '/\\evil.example', ''])(
    'leads to the account when %j is asked for',
    async (next) => {
      const { owner } = bench
      const form = { currentPassword: password, next }
      expect((await owner.post('/account/prove', form)).location).toBe('/account')
      const page = await owner.get(`/account/prove?next=${encodeURIComponent(next)}`)
      expect(page.html).toContain('name="next" value="/account"')
    },
  )

  it('of a second factor leads to setting one up where there is none', async () => {
    const { owner } = bench
    const page = await owner.get('/account/prove?next=/app&level=2')
    expect(page.html).toContain('href="/account/authenticator?next=%2Fapp"')
    expect(page.html).toContain('href="/account/passkeys/add?next=%2Fapp"')
    expect(page.html).not.toContain('current-password')
  })

  it('that needed a second factor first leads on when a passkey was added: the session has its level', async () => {
    const { owner } = bench
    await addPasskey(owner)
    const { json } = await owner.json('/auth/mfa/recovery-codes')
    expect(json.recoveryCodes).toHaveLength(10)
  })

  it('leads nobody round in circles whose account demands a second factor by now: out is the way', async () => {
    const site = await openSite({ mfa: { roles: ['manager'] } })
    const owner = await newMember(site, 'promoted@example.com')
    expect((await owner.get('/account/prove?next=/app')).html).toContain('>Cancel</a>')
    await site.security.users.grantRole('promoted@example.com', 'manager')
    const demanded = await owner.get((await owner.get('/account')).location)
    expect(demanded.html).toContain('Two-step verification is required for your account')
    expect(demanded.html).toContain('action="/account/sign-out"')
    expect(demanded.html.match(/action="\/account\/sign-out"/g)).toHaveLength(1)
    expect(demanded.html).not.toContain('>Cancel</a>')
    await site.close()
  })

  it('begins in the field of the password', async () => {
    const { html } = await bench.owner.get('/account/prove?next=/app')
    expect(html).toMatch(/<input id="currentPassword"[^>]* autofocus/)
  })

  it('that needed a second factor first leads back when an app is set up', async () => {
    const { owner, site } = bench
    const next = '/app?page=2'
    const query = `?next=${encodeURIComponent(next)}`
    const page = await owner.get(`/account/authenticator${query}`)
    expect(page.html).toContain(`action="/account/authenticator${query}"`)
    const shown = await owner.post(`/account/authenticator${query}`)
    expect(shown.html).toContain(`action="/account/authenticator/code${query}"`)
    const again = await owner.post(`/account/authenticator/code${query}`, { code: '000000' })
    expect(again.html).toContain(`action="/account/authenticator/code${query}"`)
    const code = appCode(site, keyOn(shown.html))
    const done = await owner.post(`/account/authenticator/code${query}`, { code })
    expect(done.html).toContain('href="/app?page=2">I have kept them</a>')
  })

  it('that needed a second factor first leads back when a passkey is added', async () => {
    const { owner, site } = bench
    const page = await owner.get('/account/passkeys/add?next=%2Fapp')
    expect(page.html).toContain('action="/account/passkeys/add?next=%2Fapp"')
    const authenticator = new SoftwareAuthenticator()
    const { json } = await owner.json('/auth/passkeys/options')
    const response = JSON.stringify(authenticator.create(json.options, site.url))
    const done = await owner.post('/account/passkeys/add?next=%2Fapp', { response })
    expect(done.html).toContain('href="/app">I have kept them</a>')
  })

  it.each(['//evil.example', 'https://evil.example', '/\\evil.example'])(
    'and what is set up before it leads nowhere else: %j',
    async (next) => {
      const { owner, site } = bench
      const query = `?next=${encodeURIComponent(next)}`
      const shown = await owner.post(`/account/authenticator${query}`)
      const code = appCode(site, keyOn(shown.html))
      const done = await owner.post(`/account/authenticator/code${query}`, { code })
      expect(done.html).toContain('href="/account">I have kept them</a>')
      expect(done.html).not.toContain('evil')
    },
  )

  it('is for those who are signed in', async () => {
    const { site } = bench
    const anybody = new Visitor(site)
    for (const page of ['prove', ...behind]) {
      expect((await anybody.get(`/account/${page}`)).location).toMatch(/^\/account\/sign-in\?next=/)
      expect((await anybody.post(`/account/${page}`)).status).toBe(401)
    }
  })
})
