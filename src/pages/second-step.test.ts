import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hiddenField, openSite, password, type Site } from '../../test/pages/site.ts'
import {
  addPasskey,
  appCode,
  flowOn,
  newMember,
  setUpApp,
  Visitor,
} from '../../test/pages/visitor.ts'

let site: Site
let key = ''
let codes: readonly string[] = []
let email = ''
let count = 0
/** A browser that nobody has used. */
let visitor: Visitor

beforeAll(async () => {
  site = await openSite({ mfa: { trustedDevices: '10d' } })
})
beforeEach(async () => {
  email = `person${++count}@example.com`
  ;({ codes, key } = await setUpApp(await newMember(site, email)))
  visitor = new Visitor(site)
})
afterAll(() => site?.close())

const code = () => appCode(site, key)
const send = (fields: Readonly<Record<string, string>>, from = visitor) =>
  from.post('/account/sign-in/code', { next: '/app', ...fields })

describe('the second step of a sign-in', () => {
  it('is a page that holds the flow and neither the password nor a name, and there is no session', async () => {
    const page = await visitor.signIn(email)
    expect(page.status).toBe(200)
    expect(page.html).toContain('<h1>Enter the 6-digit code</h1>')
    expect(page.html).toMatch(/inputmode="numeric"/)
    expect(page.html).toContain('autocomplete="one-time-code"')
    expect(page.html).not.toContain(password)
    expect(page.html).not.toContain(email)
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect([...visitor.cookies.keys()]).toEqual(['__Host-hf_flow', '__Host-hf_step'])
    expect(await visitor.isSignedIn()).toBe(false)
  })

  it('takes the code of the app and leads to where one wanted to go', async () => {
    const flow = flowOn(await visitor.signIn(email, '/app?page=2'))
    const done = await send({ flow, method: 'totp', code: code(), next: '/app?page=2' })
    expect([done.status, done.location]).toEqual([303, '/app?page=2'])
    expect(await visitor.isSignedIn()).toBe(true)
    expect([...visitor.cookies.keys()].filter((name) => /flow|step/.test(name))).toEqual([])
  })

  it('takes a recovery code, once', async () => {
    const flow = flowOn(await visitor.signIn(email))
    const recovery = { method: 'recovery_code', code: codes[0] ?? '' }
    expect((await send({ flow, ...recovery })).status).toBe(303)
    const again = new Visitor(site)
    const other = flowOn(await again.signIn(email))
    expect((await send({ flow: other, ...recovery }, again)).status).toBe(401)
    expect(await again.isSignedIn()).toBe(false)
  })

  it('leads to this site alone', async () => {
    const flow = flowOn(await visitor.signIn(email))
    const done = await send({ flow, method: 'totp', code: code(), next: '//evil.example' })
    expect(done.location).toBe('/account')
  })

  it('shows the form again after a wrong code, in the same words whatever was wrong', async () => {
    const flow = flowOn(await visitor.signIn(email))
    const spent = code()
    const other = new Visitor(site)
    await send({ flow: flowOn(await other.signIn(email)), method: 'totp', code: spent }, other)
    const pages = []
    for (const wrong of ['000000', spent, '000 001']) {
      const page = await send({ flow, method: 'totp', code: wrong })
      expect(page.status).toBe(401)
      expect(page.html).toContain('<title>Error: Enter the 6-digit code')
      expect(page.html).not.toContain(`value="${wrong}"`)
      pages.push(page.html.replace(/nonce="[^"]+"/g, ''))
    }
    expect(new Set(pages).size).toBe(1)
    expect(pages[0]?.match(/This code was not accepted\./g)).toHaveLength(1)
    expect(pages[0]).toMatch(/<input id="code"[^>]* autofocus[^>]* aria-invalid="true"/)
    expect(pages[0]).toMatch(/<input id="code"[^>]* aria-describedby="code-fault-0 /)
  })

  it.each(['no code', '12345', '1'.repeat(5_000)])(
    'says what a code is made of: %j',
    async (typed) => {
      const flow = flowOn(await visitor.signIn(email))
      const page = await send({ flow, method: 'totp', code: typed })
      expect(page.status).toBe(401)
      expect(page.html).toContain('Enter all six digits')
      expect(page.html).not.toContain('This code was not accepted.')
      expect(page.html).not.toContain(`value="${typed}"`)
    },
  )

  it('speaks of the clock of the telephone from the second wrong code on', async () => {
    const flow = flowOn(await visitor.signIn(email))
    const wrong = { flow, method: 'totp', code: '000000' }
    const first = await send(wrong)
    expect(first.html).not.toContain('Is the clock of your phone right?')
    const missed = hiddenField(first.html, 'missed')
    expect((await send({ ...wrong, missed })).html).toContain('Is the clock of your phone right?')
  })

  it('is a page that can be opened again as long as the sign-in goes on', async () => {
    await visitor.signIn(email, '/app?page=2')
    const address = '/account/sign-in/code?next=%2Fapp%3Fpage%3D2'
    await send({ flow: flowOn(await visitor.get(address)), method: 'totp', code: '000000' })
    const again = await visitor.get(address)
    expect(again.html).toContain('<h1>Enter the 6-digit code</h1>')
    expect(again.headers.get('cache-control')).toBe('no-store')
    expect((await visitor.get('/account/sign-in/enrol')).location).toMatch(
      /^\/account\/sign-in\/code/,
    )
    const form = { flow: flowOn(again), next: hiddenField(again.html, 'next') }
    const done = await send({ ...form, method: 'totp', code: code() })
    expect(done.location).toBe('/app?page=2')
    expect((await visitor.get(address)).location).toMatch(/^\/account\/sign-in\?next=/)
  })

  it('keeps the flow out of every address, in a cookie that no script reads', async () => {
    const answer = await site.post('/account/sign-in', {
      identifier: email,
      password,
      next: '/app',
    })
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      '/account/sign-in/code?next=%2Fapp',
    ])
    expect(await answer.text()).toBe('')
    const step = answer.headers.getSetCookie().find((line) => line.startsWith('__Host-hf_step='))
    expect(step).toMatch(
      /^__Host-hf_step=[\w-]{43}; Path=\/; Max-Age=300; HttpOnly; Secure; SameSite=Lax$/,
    )
  })

  it('is not opened by the cookie of the flow alone, nor by that of another browser', async () => {
    await visitor.signIn(email)
    const thief = new Visitor(site)
    await thief.signIn(email)
    thief.cookies.set('__Host-hf_step', visitor.cookies.get('__Host-hf_step') ?? '')
    expect((await thief.get('/account/sign-in/code')).location).toMatch(/notice=flow-ended/)
    thief.cookies.delete('__Host-hf_flow')
    expect((await thief.get('/account/sign-in/code')).location).toMatch(/notice=flow-ended/)
    thief.cookies.delete('__Host-hf_step')
    expect((await thief.get('/account/sign-in/code')).location).toBe('/account/sign-in')
  })

  it('says that it has ended when it is opened too late', async () => {
    await visitor.signIn(email)
    site.clock.jump(5 * 60_000)
    const late = await visitor.get('/account/sign-in/code?next=%2Fapp')
    expect(late.location).toBe('/account/sign-in?notice=flow-ended&next=%2Fapp')
  })

  it('opens the form for recovery codes where one of them was wrong', async () => {
    const flow = flowOn(await visitor.signIn(email))
    const page = await send({ flow, method: 'recovery_code', code: 'XXXXX-XXXXX' })
    expect(page.html).toContain('<details open>')
    expect(page.html).toMatch(/<input id="recovery-code"[^>]* autofocus/)
  })

  it('leads back to the password after five wrong codes, and says why', async () => {
    const flow = flowOn(await visitor.signIn(email))
    const pages = []
    for (let guess = 0; guess < 5; guess += 1) {
      pages.push(await send({ flow, method: 'totp', code: '000000' }))
    }
    expect(pages.map(({ status }) => status)).toEqual([401, 401, 401, 401, 303])
    const back = await send({ flow, method: 'totp', code: code() })
    expect(back.location).toBe('/account/sign-in?notice=flow-ended&next=%2Fapp')
    expect((await visitor.get(back.location)).html).toContain('Please sign in once more.')
  })

  it.each(['', 'x', 'A'.repeat(43)])('leads back for a flow that is none: %j', async (flow) => {
    await visitor.signIn(email)
    const back = await send({ flow, method: 'totp', code: code() })
    expect(back.location).toMatch(/^\/account\/sign-in\?notice=flow-ended/)
    expect(await visitor.isSignedIn()).toBe(false)
  })

  it('goes on in the browser that began it alone', async () => {
    const flow = flowOn(await visitor.signIn(email))
    const thief = new Visitor(site)
    const back = await send({ flow, method: 'totp', code: code() }, thief)
    expect(back.location).toMatch(/notice=flow-ended/)
    expect(await thief.isSignedIn()).toBe(false)
  })

  it('asked for by its address begins with the password', async () => {
    for (const page of ['code', 'enrol', 'enrol/app', 'enrol/app/code', 'enrol/passkey']) {
      expect((await visitor.get(`/account/sign-in/${page}`)).location).toBe('/account/sign-in')
    }
  })
})

describe('a trusted browser', () => {
  it('is not asked again until it is forgotten, and the account says until when', async () => {
    const flow = flowOn(await visitor.signIn(email))
    await send({ flow, method: 'totp', code: code(), trustDevice: 'yes' })
    const account = (await visitor.get('/account')).html
    expect(account).toContain('trusted until 25 January 2026')
    await visitor.post('/account/sign-out')
    expect((await visitor.signIn(email)).location).toBe('/app')
    const id =
      /action="\/account\/devices\/forget">\s*<input type="hidden" name="id" value="([^"]+)"/
    await visitor.post('/account/devices/forget', { id: id.exec(account)?.[1] ?? '' })
    await visitor.post('/account/sign-out')
    expect((await visitor.signIn(email)).html).toContain('<h1>Enter the 6-digit code</h1>')
  })

  it.each([
    ['nobody is trusted', {}],
    ['policy asks the role every time', { trustedDevices: '10d', roles: ['user'], grace: '1d' }],
  ] as const)('is not offered where %s', async (_, mfa) => {
    const strict = await openSite({ mfa })
    try {
      await setUpApp(await newMember(strict, 'strict@example.com'))
      const page = await new Visitor(strict).signIn('strict@example.com')
      expect(page.html).toContain('<h1>Enter the 6-digit code</h1>')
      expect(page.html).not.toContain('trustDevice')
    } finally {
      await strict.close()
    }
  })
})

describe('a passkey on the pages of sign-in', () => {
  it('signs in alone, and nobody is asked for a name', async () => {
    const { authenticator } = await addPasskey(await newMember(site, `key-${email}`))
    const { json } = await visitor.json('/auth/login/passkey/options')
    const response = JSON.stringify(authenticator.get(json.options, site.url))
    const done = await visitor.post('/account/sign-in/passkey', { response, next: '/app' })
    expect([done.status, done.location]).toEqual([303, '/app'])
    expect(await visitor.isSignedIn()).toBe(true)
  })

  it('is the second factor of a password', async () => {
    const { authenticator } = await addPasskey(await newMember(site, `two-${email}`))
    const page = await visitor.signIn(`two-${email}`)
    const flow = flowOn(page)
    expect(page.html).toContain('Use a passkey')
    const { json } = await visitor.json('/auth/login/mfa/options', { flow })
    const response = JSON.stringify(authenticator.get(json.options, site.url))
    expect((await send({ flow, method: 'passkey', response })).location).toBe('/app')
  })

  it.each(['', '{', '[]', 'null', '{"id":1}', '"x"', '{"__proto__":1}'])(
    'that is none is refused in one message: %j',
    async (response) => {
      await visitor.json('/auth/login/passkey/options')
      const page = await visitor.post('/account/sign-in/passkey', { response })
      expect(page.status).toBe(401)
      expect(page.html).toContain('This passkey was not accepted.')
    },
  )
})
