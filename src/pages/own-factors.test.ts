import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openSite, password, type Site } from '../../test/pages/site.ts'
import {
  appCode,
  codesOn,
  flowOn,
  keyOn,
  newMember,
  setUpApp,
  Visitor,
} from '../../test/pages/visitor.ts'
import { SoftwareAuthenticator } from '../../test/passkeys/authenticator.ts'

let site: Site
let email = ''
let count = 0
let owner: Visitor

beforeAll(async () => {
  site = await openSite()
})
beforeEach(async () => {
  email = `person${++count}@example.com`
  owner = await newMember(site, email)
})
afterAll(() => site?.close())

const minutes = (number: number) => site.advance(number * 60_000)
const account = async (from = owner) => (await from.get('/account')).html

async function addPasskey(name?: string) {
  const authenticator = new SoftwareAuthenticator()
  const { json } = await owner.json('/auth/passkeys/options')
  const response = JSON.stringify(authenticator.create(json.options, site.url))
  const fields = name === undefined ? { response } : { response, name }
  return { authenticator, done: await owner.post('/account/passkeys/add', fields) }
}

/** A passkey that was just made proves nobody yet: the next change asks for it. */
async function proveBy(authenticator: SoftwareAuthenticator, next: string) {
  const { json } = await owner.json('/auth/step-up/options')
  const response = JSON.stringify(authenticator.get(json.options, site.url))
  return owner.post('/account/prove', { method: 'passkey', response, next })
}

const passkeyId = (html: string) => /passkeys\/remove\?id=([\w-]+)"/.exec(html)?.[1] ?? ''

describe('the account', () => {
  it('says what there is, how many recovery codes are left, and leads to each change', async () => {
    expect(await account()).toContain('Your password alone signs you in.')
    const { codes, done } = await setUpApp(owner)
    expect(done.html).toContain('href="/account?notice=app-enabled">I have kept them</a>')
    const [code = ''] = codes
    const other = new Visitor(site)
    const flow = flowOn(await other.signIn(email))
    await other.post('/account/sign-in/code', { flow, method: 'recovery_code', code })
    const html = await account(other)
    expect(html).toContain('9 left')
    expect(html).toContain('href="/account/authenticator"')
    expect(html).toContain('href="/account/authenticator/remove"')
    expect(html).toContain('href="/account/recovery-codes"')
    expect(html).not.toContain('Your password alone')
  })

  it('says until when a second factor has to be set up', async () => {
    const graced = await openSite({ mfa: { required: 'everyone', grace: '10d' } })
    try {
      const html = await account(await newMember(graced, 'graced@example.com'))
      expect(html).toContain('Set one up until January 25, 2026.')
    } finally {
      await graced.close()
    }
  })
})

describe('the authenticator app', () => {
  it('is replaced by the first code of the new one, and not before', async () => {
    const { key } = await setUpApp(owner)
    const second = keyOn((await owner.post('/account/authenticator')).html)
    const other = new Visitor(site)
    const flow = flowOn(await other.signIn(email))
    const form = { flow, method: 'totp', code: appCode(site, key), next: '/app' }
    expect((await other.post('/account/sign-in/code', form)).location).toBe('/app')
    const done = await owner.post('/account/authenticator/code', { code: appCode(site, second) })
    expect(done.location).toBe('/account?notice=app-enabled')
    expect(await other.isSignedIn()).toBe(false)
    expect(await owner.isSignedIn()).toBe(true)
  })

  it('is explained after a wrong code: it is most often the clock', async () => {
    const key = keyOn((await owner.post('/account/authenticator')).html)
    const page = await owner.post('/account/authenticator/code', { code: '000000' })
    expect(page.status).toBe(401)
    expect(page.html).toContain('Is the clock of your phone right?')
    expect(page.html).not.toContain(key)
    expect(await account()).toContain('not set up')
  })

  it('is not confirmed where none was begun', async () => {
    const page = await owner.post('/account/authenticator/code', { code: '000000' })
    expect(page.status).toBe(409)
    expect(page.html).toContain('Start anew.')
  })

  it('is removed after the page has said what that does', async () => {
    await setUpApp(owner)
    expect((await owner.get('/account/authenticator/remove')).html).toContain('no longer count')
    const done = await owner.post('/account/authenticator/remove')
    expect(done.location).toBe('/account?notice=app-removed')
    expect(await account()).toContain('not set up')
    expect((await new Visitor(site).signIn(email)).location).toBe('/app')
  })

  it('opened by its address changes nothing: the button makes the secret', async () => {
    expect((await owner.get('/account/authenticator')).html).not.toMatch(/<svg|otpauth/)
    expect((await owner.get('/account/authenticator/code')).location).toBe('/account/authenticator')
    expect((await owner.get('/account/recovery-codes')).html).not.toContain('class="codes"')
  })
})

it('new recovery codes are shown once, and those of before are dead', async () => {
  const { codes } = await setUpApp(owner)
  const fresh = codesOn((await owner.post('/account/recovery-codes')).html)
  expect(fresh).toHaveLength(10)
  expect(fresh.filter((code) => codes.includes(code))).toEqual([])
  const flow = flowOn(await new Visitor(site).signIn(email))
  const old = { flow, method: 'recovery_code', code: codes[0] ?? '' }
  expect((await new Visitor(site).post('/account/sign-in/code', old)).location).toMatch(
    /flow-ended/,
  )
})

describe('a passkey', () => {
  it('is added with a name, and recovery codes come with the first second factor', async () => {
    const { authenticator, done } = await addPasskey('Work <laptop>')
    expect(codesOn(done.html)).toHaveLength(10)
    const html = await account()
    expect(html).toContain('Work &lt;laptop&gt;')
    expect(html).toContain('never used')
    await proveBy(authenticator, '/account/passkeys/add')
    expect((await addPasskey()).done.location).toBe('/account?notice=passkey-added')
  })

  it('is renamed', async () => {
    await addPasskey('Old')
    const id = passkeyId(await account())
    expect((await owner.get(`/account/passkeys/rename?id=${id}`)).html).toContain('value="Old"')
    const done = await owner.post('/account/passkeys/rename', { id, name: '  New  ' })
    expect(done.location).toBe('/account?notice=passkey-renamed')
    expect(await account()).toContain('<bdi>New</bdi>')
  })

  it.each(['', '   ', 'x'.repeat(101)])('needs a name that fits: %j', async (name) => {
    await addPasskey('Old')
    const id = passkeyId(await account())
    const page = await owner.post('/account/passkeys/rename', { id, name })
    expect(page.status).toBe(400)
    expect(page.html).toContain('aria-invalid="true"')
  })

  it('is removed after the page has said what that does', async () => {
    const { authenticator } = await addPasskey('Old')
    const id = passkeyId(await account())
    await proveBy(authenticator, '/account')
    expect((await owner.get(`/account/passkeys/remove?id=${id}`)).html).toContain('passkey Old.')
    const done = await owner.post('/account/passkeys/remove', { id })
    expect(done.location).toBe('/account?notice=passkey-removed')
    expect(await account()).not.toContain('passkeys/remove')
  })

  it("of somebody else is not there, nor is one that isn't", async () => {
    await addPasskey('Mine')
    const id = passkeyId(await account())
    const eve = await newMember(site, `eve-${email}`)
    for (const one of [id, '', 'x', '<b>']) {
      for (const action of ['rename', 'remove']) {
        const page = await eve.get(`/account/passkeys/${action}?id=${encodeURIComponent(one)}`)
        expect(page.status).toBe(404)
        const form = action === 'rename' ? { id: one, name: 'Hers' } : { id: one }
        expect((await eve.post(`/account/passkeys/${action}`, form)).status).toBe(404)
      }
    }
    expect(await account()).toContain('<bdi>Mine</bdi>')
  })

  it('that no authenticator made is refused on its page', async () => {
    await owner.json('/auth/passkeys/options')
    const page = await owner.post('/account/passkeys/add', { name: 'Kept', response: '{}' })
    expect(page.status).toBe(400)
    expect(page.html).toContain('This passkey was not accepted.')
    expect(page.html).toContain('value="Kept"')
  })
})

describe('a fresh proof', () => {
  const behind = [
    ...['authenticator', 'authenticator/remove', 'recovery-codes', 'passkeys/add'],
    'passkeys/remove?id=x',
  ]

  it.each(behind)('is asked for before %s, and leads back there', async (page) => {
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
    const { authenticator } = await addPasskey()
    await minutes(16)
    const next = '/account/recovery-codes'
    expect((await proveBy(authenticator, next)).location).toBe(next)
    expect((await owner.get('/account/recovery-codes')).status).toBe(200)
  })

  it('is not given by a password that is wrong, missing, or not enough', async () => {
    const form = { currentPassword: 'wrong', next: '/app' }
    const wrong = await owner.post('/account/prove', form)
    expect(wrong.html).toContain('This is not your current password.')
    expect(wrong.html).not.toContain('value="wrong"')
    expect((await owner.post('/account/prove', { next: '/app' })).status).toBe(400)
    await setUpApp(owner)
    const enough = await owner.post('/account/prove', { currentPassword: password, next: '/app' })
    expect(enough.status).toBe(401)
  })

  it.each(['//evil.example', 'https://evil.example', '/\\evil.example', ''])(
    'leads to the account when %j is asked for',
    async (next) => {
      const form = { currentPassword: password, next }
      expect((await owner.post('/account/prove', form)).location).toBe('/account')
      const page = await owner.get(`/account/prove?next=${encodeURIComponent(next)}`)
      expect(page.html).toContain('name="next" value="/account"')
    },
  )

  it('of a second factor leads to setting one up where there is none', async () => {
    const page = await owner.get('/account/prove?next=/app&level=2')
    expect(page.html).toContain('href="/account/authenticator"')
    expect(page.html).not.toContain('current-password')
  })

  it('is for those who are signed in', async () => {
    const anybody = new Visitor(site)
    for (const page of ['prove', ...behind]) {
      expect((await anybody.get(`/account/${page}`)).location).toMatch(/^\/account\/sign-in\?next=/)
      expect((await anybody.post(`/account/${page}`)).status).toBe(401)
    }
  })
})
