import { beforeAll, describe, expect, it } from 'vitest'
import { openMemberBench, withoutNonce } from '../../test/pages/member-bench.ts'
import { hiddenField } from '../../test/pages/site.ts'

const bench = openMemberBench()
const { member, submit } = bench

let organisation: string
beforeAll(async () => {
  const { organisations } = bench.site.security
  organisation = (await organisations.create({ name: 'Acme <Ltd>', slug: 'acme' })).id
})

/** The token of an invitation mailed to an address. */
async function invited(email: string): Promise<string> {
  await bench.site.security.organisations.invite(organisation, { email })
  await bench.site.deliverMail()
  return bench.site.mailbox.latestToken(email)
}

const look = async (token: string, headers: Record<string, string> = {}) => {
  const response = await bench.site.get(`/account/invitation?token=${token}`, headers)
  return { status: response.status, html: await response.text() }
}

describe('the page of an invitation', () => {
  it('leads whoever is not signed in to the sign-in and back, or to register', async () => {
    const token = await invited('new@example.com')
    const { html, status } = await look(token)
    expect(status).toBe(200)
    expect(html).toContain('Acme &lt;Ltd&gt;')
    expect(html).toContain(`/account/sign-in?next=%2Faccount%2Finvitation%3Ftoken%3D${token}`)
    expect(html).toContain('/account/register')
    expect(html).not.toContain('<form')
    const posted = await bench.site.post('/account/invitation', { token })
    expect(posted.status).toBe(401)
  })

  it('rule 46: looking at it changes nothing; its button accepts, once', async () => {
    const cookie = await member('guest@example.com')
    const token = await invited('guest@example.com')
    for (let time = 0; time < 3; time++) {
      const { html } = await look(token, { cookie })
      expect(hiddenField(html, 'token')).toBe(token)
    }
    const members = async () =>
      (await bench.site.security.organisations.members(organisation)).members.length
    expect(await members()).toBe(0)
    const done = await submit('invitation', { token }, cookie)
    expect([done.status, await done.text()]).toEqual([
      ...[200, expect.stringContaining('You belong to Acme &lt;Ltd&gt;')],
    ])
    expect(await members()).toBe(1)
    expect((await submit('invitation', { token }, cookie)).status).toBe(400)
    expect(await members()).toBe(1)
  })

  it('rule 3: shows another account no button, and takes nothing from it', async () => {
    const cookie = await member('other@example.com')
    const token = await invited('else@example.com')
    const { html } = await look(token, { cookie })
    expect(html).toContain('another account than that of else@example.com')
    expect(html).not.toContain(`value="${token}"`)
    expect((await submit('invitation', { token }, cookie)).status).toBe(400)
  })

  it('is one for every invitation that does not work', async () => {
    const pages = []
    for (const token of ['', 'x', 'A'.repeat(43)]) {
      const { html, status } = await look(token)
      expect(status).toBe(400)
      pages.push(withoutNonce(html))
    }
    expect(new Set(pages).size).toBe(1)
  })
})
