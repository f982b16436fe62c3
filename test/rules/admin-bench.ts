import { afterAll, beforeAll } from 'vitest'
import type { HttpAnswer } from '../nodes/nodes.ts'
import { type AdminKit, adminKit } from './admin-kit.ts'
import { goodPassword, openSite, type Person, type Site } from './identity-kit.ts'

export const newPassword = 'another horse battery staple 43'
export const hour = 60 * 60 * 1000

/** A site with an administrator whose acts a file of tests looks at. */
export interface AdminBench {
  readonly site: Site
  readonly kit: AdminKit
  readonly admin: Person
  /** The administrator signs in anew: time has ended the session of before. */
  renewAdmin(): Promise<void>
  /** What the administrator does to an account. */
  act(name: string, id: string, body?: object): Promise<HttpAnswer>
  /** Whether a password signs in. */
  opens(email: string, password?: string): Promise<boolean>
  /** The token of the newest link that was mailed to an address. */
  linkTo(email: string): Promise<string>
  reset(token: string, password?: string): Promise<HttpAnswer>
}

/** Opens the site before the tests of the file, and closes it after them. */
export function openAdminBench(): AdminBench {
  let site: Site
  let kit: AdminKit
  let admin: Person

  beforeAll(async () => {
    site = await openSite({ captcha: { provider: 'none' } })
    kit = adminKit(site)
    await kit.someone('root', ['super_admin'])
    admin = await kit.someone('admin', ['admin', 'user'])
  })
  afterAll(() => site.close())

  return {
    get site() {
      return site
    },
    get kit() {
      return kit
    },
    get admin() {
      return admin
    },
    renewAdmin: async () => {
      const { json } = await site.login('admin@example.com', goodPassword)
      admin = { ...admin, bearer: { authorization: `Bearer ${json.accessToken}` } }
    },
    act: (name, id, body = {}) =>
      kit.post(admin, `/admin/users/${id}/${name}`, { reason: 'a test', ...body }),
    opens: async (email, password = goodPassword) =>
      (await site.login(email, password)).json.status === 'signed_in',
    linkTo: async (email) => {
      await site.deliverMail()
      return site.mailbox.latestToken(email)
    },
    reset: (token, password = newPassword) =>
      site.post('/auth/password/reset', { token, password }),
  }
}
