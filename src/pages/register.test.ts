import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { becomeMember, openSite, password, type Site } from '../../test/pages/site.ts'

let site: Site

beforeAll(async () => {
  site = await openSite()
  await becomeMember(site, 'ada@example.com', { username: 'ada', companyName: "O'Brien <i>& Co" })
})

afterAll(() => site?.close())

const titleOf = (html: string) => /<title>(.*?)<\/title>/.exec(html)?.[1]

describe('registration', () => {
  it('answers the same for a known and an unknown address, letter by letter', async () => {
    const bodies = await Promise.all(
      ['ada@example.com', 'new@example.com'].map(async (email) => {
        const response = await site.post('/account/register', { email, password })
        const html = await response.text()
        expect(response.status).toBe(202)
        return html.replaceAll(email, 'EMAIL').replace(/nonce="[^"]+"/, '')
      }),
    )
    expect(bodies[0]).toBe(bodies[1])
    expect(bodies[0]).toContain('Check your mail')
  })

  it('shows a refused form again with all that was typed but the password', async () => {
    const typed = { email: 'x"y', username: 'a b', displayName: '<b>Ada', companyName: "O'Brien" }
    const response = await site.post('/account/register', { ...typed, password })
    const html = await response.text()
    expect(response.status).toBe(400)
    expect(titleOf(html)).toMatch(/^Error: /)
    expect(html).toContain('value="x&quot;y"')
    expect(html).toContain('value="&lt;b&gt;Ada"')
    expect(html).toContain('value="O&#39;Brien"')
    expect(html).toContain('id="email-fault-0"')
    expect(html).not.toContain(password)
  })

  it('gives the reasons against a weak password, and how to do better, at the field', async () => {
    const form = { email: 'new@example.com', password: 'passwordpassword' }
    const html = await (await site.post('/account/register', form)).text()
    expect(html).toMatch(/id="password-fault-0">[^<]*people use most[^<]*unrelated words/)
    expect(html).toContain('aria-describedby="password-fault-0')
  })

  it('with nothing filled in names the fields, and with too much says that it is too much', async () => {
    const empty = await site.post('/account/register', {})
    expect(empty.status).toBe(400)
    expect(await empty.text()).toContain('id="password-fault-0">Fill in this field.')
    const long = { email: 'a@example.com', password, displayName: 'a'.repeat(101) }
    expect(await (await site.post('/account/register', long)).text()).toContain(
      'id="displayName-fault-0">This is longer than we can keep.',
    )
  })

  it('that is closed says so, without a form', async () => {
    const closed = await openSite({ registration: 'closed' })
    try {
      for (const response of [
        await closed.get('/account/register'),
        await closed.post('/account/register', { email: 'a@example.com', password }),
      ]) {
        expect(response.status).toBe(403)
        expect(await response.text()).not.toContain('<form')
      }
      expect(await (await closed.get('/account/sign-in')).text()).not.toContain('/register')
    } finally {
      await closed.close()
    }
  })
})

describe('a new link', () => {
  it('is promised in the same words for every address', async () => {
    const bodies = await Promise.all(
      ['ada@example.com', 'none@example.com'].map(async (email) => {
        const response = await site.post('/account/resend', { email })
        expect(response.status).toBe(202)
        return (await response.text()).replaceAll(email, 'EMAIL').replace(/nonce="[^"]+"/, '')
      }),
    )
    expect(bodies[0]).toBe(bodies[1])
  })

  it('is not promised to what is no address', async () => {
    const response = await site.post('/account/resend', { email: 'a@example.com,b@example.com' })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('id="email-fault-0"')
  })
})
