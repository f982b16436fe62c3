import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeExample, openSite, type Site } from './testdata/site.ts'

describeExample('the page', (engine) => {
  let site: Site
  beforeAll(async () => {
    site = await openSite(engine)
  })
  afterAll(() => site?.close())

  it('is there for everybody and says who is signed in', async () => {
    const stranger = await site.call('GET', '/')
    expect([stranger.status, stranger.text]).toEqual([200, expect.stringContaining('Sign in')])
    const { credential } = await site.person()
    expect((await site.call('GET', '/', credential)).text).toContain('<strong>user</strong>')
  })
})
