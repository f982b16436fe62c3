import { afterAll, beforeAll } from 'vitest'
import { becomeMember, type Fields, openSite, type Site, signIn } from './site.ts'

/** Another password that the policy takes. */
export const newPassword = 'gravel pelican lantern 93'

/** A site for the tests of one file, and its members. */
export interface MemberBench {
  readonly site: Site
  /** Registers, confirms and signs in; the Cookie header of the session. */
  member(email: string): Promise<string>
  /** Posts a form of somebody signed in, as her browser would. */
  submit(page: string, form: Fields, cookie: string): Promise<Response>
}

/** Opens the site before the tests of the file, and closes it after them. */
export function openMemberBench(): MemberBench {
  let site: Site
  beforeAll(async () => {
    site = await openSite()
  })
  afterAll(() => site?.close())

  return {
    get site() {
      return site
    },
    member: async (email) => {
      await becomeMember(site, email)
      return signIn(site, email)
    },
    submit: (page, form, cookie) =>
      site.post(`/account/${page}`, form, { cookie, 'sec-fetch-site': 'same-origin' }),
  }
}

/** A page without what differs each time it is made. */
export const withoutNonce = (html: string): string => html.replace(/nonce="[^"]+"/g, '')

/** The session cookie that an answer replaced. */
export function renewedCookie({ headers }: Response): string {
  const line = headers.getSetCookie().find((one) => one.includes('hf_session='))
  return line?.slice(0, line.indexOf(';')) ?? ''
}
