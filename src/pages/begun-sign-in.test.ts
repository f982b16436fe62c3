import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hiddenField, openSite, password, type Site } from '../../test/pages/site.ts'
import { appCode, flowOn, type SeenPage, setUpApp, Visitor } from '../../test/pages/visitor.ts'

const start = '/account/sign-in'
let site: Site
let count = 0
let mail: { readonly bob: string; readonly manager: string }
/** The browser of a shop, at which people take turns. */
let shared: Visitor
let choice: SeenPage

beforeAll(async () => {
  site = await openSite({ mfa: { roles: ['manager'] } })
})
beforeEach(async () => {
  count += 1
  mail = { bob: `bob${count}@example.com`, manager: `manager${count}@example.com` }
  await site.security.users.create({ email: mail.manager, password, roles: ['manager'] })
  await site.security.users.create({ email: mail.bob, password })
  shared = new Visitor(site)
  choice = await shared.signIn(mail.manager)
  expect(choice.html).toContain('Set up two-step verification')
})
afterAll(() => site?.close())

const begun = () => [...shared.cookies.keys()].filter((name) => /hf_(?:flow|step)$/.test(name))
const signOut = () => shared.post('/account/sign-out')
/** Puts back what somebody may have copied from the browser meanwhile. */
const copies = () => [...shared.cookies].filter(([name]) => begun().includes(name))
const goOn = () => shared.post(`${start}/enrol/app`, { flow: flowOn(choice), next: '/app' })
const isOver = async (kept: readonly (readonly [string, string])[]) => {
  for (const [name, value] of kept) shared.cookies.set(name, value)
  expect((await goOn()).location).toMatch(/^\/account\/sign-in\?notice=flow-ended/)
}

describe("rule 3: a sign-in that somebody has begun and left is nobody's", () => {
  it('it ends where the next person signs in, for copies of its cookies as well', async () => {
    const kept = copies()
    expect((await shared.signIn(mail.bob)).location).toBe('/app')
    expect(begun()).toEqual([])
    await signOut()
    expect((await shared.get(`${start}/enrol`)).location).toBe(start)
    await isOver(kept)
  })

  it('and where somebody signs out', async () => {
    const kept = copies()
    await signOut()
    expect(begun()).toEqual([])
    await isOver(kept)
  })

  it('and where the API signs in or out, whose cookies take it along', async () => {
    const bob = { identifier: mail.bob, password, transport: 'cookie' }
    expect((await shared.json('/auth/login', bob)).json.status).toBe('signed_in')
    expect(begun()).toEqual([])
    expect((await shared.get(`${start}/enrol`)).location).toBe(start)
  })

  it('and where somebody else is to sign in', async () => {
    const kept = copies()
    const action = /action="(\/account\/sign-in\/restart)"/.exec(choice.html)?.[1] ?? ''
    const fields = { flow: flowOn(choice), next: hiddenField(choice.html, 'next') }
    expect((await shared.post(action, fields)).location).toBe(`${start}?next=%2Fapp`)
    expect(begun()).toEqual([])
    await isOver(kept)
  })

  it('the second step leads back to the password by the same way', async () => {
    const bob = new Visitor(site)
    await bob.signIn(mail.bob)
    const { key } = await setUpApp(bob)
    const page = await shared.signIn(mail.bob)
    expect(page.html).toContain('action="/account/sign-in/restart"')
    await shared.post(`${start}/restart`, { flow: flowOn(page), next: '/app' })
    const fields = { flow: flowOn(page), method: 'totp', code: appCode(site, key), next: '/app' }
    expect((await shared.post(`${start}/code`, fields)).location).toMatch(/notice=flow-ended/)
  })

  it('nor is it opened beside the session of another', async () => {
    const kept = copies()
    const other = new Visitor(site)
    await other.signIn(mail.bob)
    for (const [name, value] of kept) other.cookies.set(name, value)
    expect((await other.get(`${start}/enrol?next=%2Fapp`)).location).toBe(`${start}?next=%2Fapp`)
    await other.signIn(mail.bob)
    expect((await goOn()).location).toMatch(/notice=flow-ended/)
  })
})
