import { describe, expect, it } from 'vitest'
import { openOwnerBench } from '../../test/pages/owner-bench.ts'
import { becomeMember, openSite } from '../../test/pages/site.ts'
import {
  addPasskey,
  appCode,
  codesOn,
  flowOn,
  keyOn,
  newMember,
  proveBy,
  setUpApp,
  Visitor,
} from '../../test/pages/visitor.ts'

const bench = openOwnerBench()

const account = async (from = bench.owner) => (await from.get('/account')).html

const passkeyId = (html: string) => /passkeys\/remove\?id=([\w-]+)"/.exec(html)?.[1] ?? ''

describe('the account', () => {
  it('says what there is, how many recovery codes are left, and leads to each change', async () => {
    const { email, owner, site } = bench
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
      expect(html).toContain('Set it up by 25 January 2026.')
    } finally {
      await graced.close()
    }
  })
})

describe('the authenticator app', () => {
  it('is replaced by the first code of the new one, and not before', async () => {
    const { email, owner, site } = bench
    const { key } = await setUpApp(owner)
    const second = keyOn((await owner.post('/account/authenticator')).html)
    const other = new Visitor(site)
    const flow = flowOn(await other.signIn(email))
    const form = { flow, method: 'totp', code: appCode(site, key), next: '/app' }
    expect((await other.post('/account/sign-in/code', form)).location).toBe('/app')
    const done = await owner.post('/account/authenticator/code', {
      code: appCode(site, second),
    })
    expect(done.location).toBe('/account?notice=app-enabled')
    expect(await other.isSignedIn()).toBe(false)
    expect(await owner.isSignedIn()).toBe(true)
  })

  it('stands there still after a wrong code, with what is most often wrong: the clock', async () => {
    const { owner, site } = bench
    const key = keyOn((await owner.post('/account/authenticator')).html)
    const page = await owner.post('/account/authenticator/code', { code: '000000' })
    expect(page.status).toBe(401)
    expect(page.html).toContain('Is the clock of your phone right?')
    expect(page.html).toContain('<details open>')
    expect(keyOn(page.html)).toBe(key)
    expect(page.html).toContain('<svg class="qr"')
    expect(await account()).toContain('not set up')
    const done = await owner.post('/account/authenticator/code', { code: appCode(site, key) })
    expect(codesOn(done.html)).toHaveLength(10)
  })

  it('is begun anew after ten wrong codes: the secret of before stands nowhere any more', async () => {
    const { owner } = bench
    const key = keyOn((await owner.post('/account/authenticator')).html)
    for (let turn = 0; turn < 9; turn++) {
      const page = await owner.post('/account/authenticator/code', { code: '000000' })
      expect(keyOn(page.html)).toBe(key)
    }
    for (const status of [401, 409]) {
      const page = await owner.post('/account/authenticator/code', { code: '000000' })
      expect(page.status).toBe(status)
      expect(page.html).not.toContain(key)
      expect(page.html).toContain('Start anew with another QR code')
    }
  })

  it('is not set up anew by a reload of the page with the codes, which says how it is', async () => {
    const { owner } = bench
    await setUpApp(owner)
    const again = await owner.post('/account/authenticator/code', { code: '000000' })
    expect(again.html).toContain('Your authenticator app is set up.')
    expect(again.html).toContain('href="/account/recovery-codes"')
    expect(again.html).not.toContain('Start anew')
  })

  it('is not confirmed where none was begun', async () => {
    const { owner } = bench
    const page = await owner.post('/account/authenticator/code', { code: '000000' })
    expect(page.status).toBe(409)
    expect(page.html).toContain('Start anew.')
  })

  it('is removed after the page has said what that does', async () => {
    const { email, owner, site } = bench
    await setUpApp(owner)
    expect((await owner.get('/account/authenticator/remove')).html).toContain('no longer count')
    const done = await owner.post('/account/authenticator/remove')
    expect(done.location).toBe('/account?notice=app-removed')
    expect(await account()).toContain('not set up')
    expect((await new Visitor(site).signIn(email)).location).toBe('/app')
  })

  it('that is the only way where one is demanded is replaced, not removed', async () => {
    const strict = await openSite({ mfa: { required: 'everyone' } })
    try {
      const member = new Visitor(strict)
      await becomeMember(strict, 'strict@example.com')
      const fields = { flow: flowOn(await member.signIn('strict@example.com')), next: '/app' }
      const key = keyOn((await member.post('/account/sign-in/enrol/app', fields)).html)
      const first = { ...fields, code: appCode(strict, key) }
      await member.post('/account/sign-in/enrol/app/code', first)
      const code = appCode(strict, key)
      await member.post('/account/prove', { method: 'totp', code, next: '/account' })
      const page = await member.get('/account/authenticator/remove')
      expect(page.html).toContain('this app is your only way')
      expect(page.html).toContain('href="/account/authenticator">Replace the app</a>')
      expect(page.html).not.toContain('class="danger"')
      expect((await member.post('/account/authenticator/remove')).status).toBe(409)
    } finally {
      await strict.close()
    }
  })

  it('opened by its address changes nothing: the button makes the secret', async () => {
    const { owner } = bench
    expect((await owner.get('/account/authenticator')).html).not.toMatch(/<svg|otpauth/)
    expect((await owner.get('/account/authenticator/code')).location).toBe('/account/authenticator')
    expect((await owner.get('/account/recovery-codes')).html).not.toContain('class="codes"')
  })
})

it('new recovery codes are shown once, and those of before are dead', async () => {
  const { email, owner, site } = bench
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
    const { owner } = bench
    const { authenticator, done } = await addPasskey(owner, 'Work <laptop>')
    expect(codesOn(done.html)).toHaveLength(10)
    const html = await account()
    expect(html).toContain('Work &lt;laptop&gt;')
    expect(html).toContain('never used')
    await proveBy(owner, authenticator, '/account/passkeys/add')
    expect((await addPasskey(owner)).done.location).toBe('/account?notice=passkey-added')
  })

  it('is renamed, once its owner has proven herself', async () => {
    const { owner, site } = bench
    const { authenticator } = await addPasskey(owner, 'Old')
    const id = passkeyId(await account())
    site.clock.jump(16 * 60_000)
    const page = `/account/passkeys/rename?id=${id}`
    const refused = await owner.get(page)
    expect([refused.status, refused.location]).toEqual([
      303,
      `/account/prove?next=${encodeURIComponent(page)}`,
    ])
    expect((await owner.post('/account/passkeys/rename', { id, name: 'New' })).status).toBe(401)
    await proveBy(owner, authenticator, '/account')
    expect((await owner.get(`/account/passkeys/rename?id=${id}`)).html).toContain('value="Old"')
    const done = await owner.post('/account/passkeys/rename', { id, name: '  New  ' })
    expect(done.location).toBe('/account?notice=passkey-renamed')
    expect(await account()).toContain('<bdi>New</bdi>')
  })

  it.each(['', '   ', 'x'.repeat(101)])('needs a name that fits: %j', async (name) => {
    const { owner } = bench
    const { authenticator } = await addPasskey(owner, 'Old')
    const id = passkeyId(await account())
    await proveBy(owner, authenticator, '/account')
    const page = await owner.post('/account/passkeys/rename', { id, name })
    expect(page.status).toBe(400)
    expect(page.html).toContain('aria-invalid="true"')
  })

  it('is removed after the page has said what that does', async () => {
    const { owner } = bench
    const { authenticator } = await addPasskey(owner, 'Old')
    const id = passkeyId(await account())
    await proveBy(owner, authenticator, '/account')
    expect((await owner.get(`/account/passkeys/remove?id=${id}`)).html).toContain('passkey Old.')
    const done = await owner.post('/account/passkeys/remove', { id })
    expect(done.location).toBe('/account?notice=passkey-removed')
    expect(await account()).not.toContain('passkeys/remove')
  })

  it("of somebody else is not there, nor is one that isn't", async () => {
    const { email, owner, site } = bench
    await addPasskey(owner, 'Mine')
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

  it('is named after the browser unless it has a name', async () => {
    const { owner, site } = bench
    const agent =
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
    const html = await (
      await site.get('/account/passkeys/add', {
        'user-agent': agent,
        cookie: [...owner.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      })
    ).text()
    expect(html).toContain('value="Chrome on Linux"')
  })

  it('that no authenticator made is refused on its page', async () => {
    const { owner } = bench
    await owner.json('/auth/passkeys/options')
    const page = await owner.post('/account/passkeys/add', { name: 'Kept', response: '{}' })
    expect(page.status).toBe(400)
    expect(page.html).toContain('This passkey was not accepted.')
    expect(page.html).toContain('value="Kept"')
  })
})
