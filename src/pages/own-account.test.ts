import { describe, expect, it } from 'vitest'
import {
  newPassword,
  openMemberBench,
  renewedCookie,
  withoutNonce,
} from '../../test/pages/member-bench.ts'
import { password, signIn } from '../../test/pages/site.ts'

const bench = openMemberBench()
const { member, submit } = bench

describe('what somebody does to her own account', () => {
  const pages = ['password', 'email', 'data', 'close'] as const

  it.each(pages)('needs a session and its token: %s', async (page) => {
    const { site } = bench
    const anonymous = await site.get(`/account/${page}`)
    expect(anonymous.status).toBe(303)
    expect(anonymous.headers.get('location')).toBe(`/account/sign-in?next=%2Faccount%2F${page}`)
    const cookie = await member(`own-${page}@example.com`)
    const form = { currentPassword: password }
    for (const headers of [
      { cookie },
      { cookie, 'sec-fetch-site': 'cross-site' },
      { cookie, origin: 'https://evil.example' },
    ]) {
      expect((await site.post(`/account/${page}`, form, headers)).status).toBe(403)
    }
    expect((await site.post(`/account/${page}`, form)).status).toBe(401)
    expect((await site.get('/account', { cookie })).status).toBe(200)
  })

  it.each(pages)('needs the current password, which is never echoed: %s', async (page) => {
    const cookie = await member(`proof-${page}@example.com`)
    const more: Record<string, string> = {
      ...(page === 'password' ? { password: newPassword } : {}),
      ...(page === 'email' ? { email: `proof-${page}-2@example.com` } : {}),
    }
    for (const [currentPassword, status] of [
      ['', 400],
      ['x'.repeat(5_000), 400],
      ['not <b>my</b> password', 401],
    ] as const) {
      const response = await submit(page, { ...more, currentPassword }, cookie)
      const html = await response.text()
      expect(response.status).toBe(status)
      expect(html).toContain('id="currentPassword-fault-0"')
      expect(html).toContain('autocomplete="current-password"')
      expect(html).not.toMatch(/xxxx|not &lt;b|gravel pelican/)
      if (more.email) expect(html).toContain(`value="${more.email}"`)
    }
    expect(
      (await submit(page, { ...more, currentPassword: password }, cookie)).status,
    ).toBeLessThan(400)
  })

  it('takes no field that its form does not have', async () => {
    const { site } = bench
    const cookie = await member('fields@example.com')
    const form = { currentPassword: password, password: newPassword, userId: 'x' }
    expect((await submit('password', form, cookie)).status).toBe(400)
    expect(await signIn(site, 'fields@example.com')).toContain('hf_session=')
  })

  it('tells a password manager whose password it is, and sends that nowhere', async () => {
    const { site } = bench
    const cookie = await member('manager@example.com')
    const html = await (await site.get('/account/password', { cookie })).text()
    expect(html).toContain(
      '<input type="text" autocomplete="username" value="manager@example.com" readonly hidden>',
    )
  })

  it('is found by password managers at the address that all sites share', async () => {
    const { site } = bench
    const response = await site.get('/.well-known/change-password')
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/account/password')
  })

  it('keeps this session when the password changes, and ends the others', async () => {
    const { site } = bench
    const cookie = await member('sessions@example.com')
    const other = await signIn(site, 'sessions@example.com')
    const form = { currentPassword: password, password: newPassword }
    const response = await submit('password', form, cookie)
    expect(response.headers.get('location')).toBe('/account?notice=password-changed')
    const renewed = renewedCookie(response)
    expect((await site.get('/account', { cookie: renewed })).status).toBe(200)
    for (const dead of [cookie, other]) {
      expect((await site.get('/account', { cookie: dead })).status).toBe(303)
    }
  })

  it('says the same of a new address whether or not it is taken', async () => {
    const cookie = await member('mover@example.com')
    await member('taken@example.com')
    const html: string[] = []
    for (const email of ['taken@example.com', 'free@example.com']) {
      const response = await submit('email', { email, currentPassword: password }, cookie)
      expect(response.status).toBe(202)
      html.push(withoutNonce(await response.text()).replaceAll(email, 'ADDRESS'))
    }
    expect(html[0]).toBe(html[1])
  })

  it('gives her data as a file that nobody stores', async () => {
    const cookie = await member('data@example.com')
    const response = await submit('data', { currentPassword: password }, cookie)
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="my-data.json"')
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.text()).toContain('data@example.com')
  })

  it('removes the cookies of an account that was closed', async () => {
    const { site } = bench
    const cookie = await member('closing@example.com')
    const response = await submit('close', { currentPassword: password }, cookie)
    expect(await response.text()).toContain('<h1>Your account is closed</h1>')
    expect(response.headers.getSetCookie().join()).toContain(
      '__Host-hf_session=; Path=/; Max-Age=0',
    )
    expect((await site.get('/account', { cookie })).status).toBe(303)
  })

  it('cannot forget a device of somebody else, nor one twice', async () => {
    const { site } = bench
    const [ada, eve] = [await member('device@example.com'), await member('thief@example.com')]
    const list = await site.get('/auth/devices', { cookie: ada })
    const { devices } = (await list.json()) as { devices: { id: string }[] }
    const id = devices[0]?.id ?? ''
    expect((await submit('devices/forget', { id }, eve)).status).toBe(404)
    expect((await submit('devices/forget', { id }, ada)).status).toBe(303)
    expect((await submit('devices/forget', { id }, ada)).status).toBe(404)
    expect(await (await site.get('/account', { cookie: ada })).text()).toContain('None.')
  })
})
