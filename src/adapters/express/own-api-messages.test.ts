import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  type Kit,
  type Listening,
  openKit,
  type Person,
  serve,
} from '../../../test/adapters/site.ts'

let kit: Kit
let site: Listening
let admin: Person
let user: Person

beforeAll(async () => {
  kit = await openKit()
  admin = await kit.person('admin')
  user = await kit.person('user')
  site = await serve(kit, () => {})
})

afterAll(async () => {
  await site.stop()
  await kit.close()
})

async function post(path: string, body: object, headers: Record<string, string> = {}) {
  const all = { 'content-type': 'application/json', ...headers }
  return site.fetch(path, { method: 'POST', headers: all, body: JSON.stringify(body) })
}

const roles = () => `/admin/users/${user.userId}/roles`

it('an unknown role is answered with the roles that there are, to whoever may give them', async () => {
  const answer = await post(roles(), { role: 'manger' }, admin.bearer)
  expect(answer).toMatchObject({
    status: 400,
    json: {
      code: 'role_unknown',
      detail: 'There is no role of this name.',
      roles: [
        ...['super_admin', 'admin', 'manager', 'user', 'guest'],
        ...['organisation_owner', 'organisation_member'],
      ],
    },
  })
  expect(answer.text).not.toContain('manger')
  const other = await post(roles(), { role: 'manger' }, user.bearer)
  expect(other.status).toBe(403)
  expect(other.text).not.toContain('guest')
})

it('an unknown role in code is answered with the nearest one', async () => {
  await expect(kit.security.users.grantRole(user.email, 'manger')).rejects.toMatchObject({
    code: 'role_unknown',
    message:
      'there is no role \'manger\'. Did you mean "manager"? The roles are super_admin, admin, manager, user, guest, organisation_owner, organisation_member',
  })
})

it('an unknown field is answered with the field that was meant', async () => {
  const fault = (json: Record<string, unknown> | undefined) =>
    (json?.errors as readonly { pointer: string; detail: string }[] | undefined)?.find(
      ({ pointer }) => /roles|banana/.test(pointer),
    )
  const near = await post(roles(), { roles: 'manager' }, admin.bearer)
  expect(fault(near.json)).toEqual({
    pointer: '#/body/roles',
    code: 'unknown_field',
    detail: 'This field is not known here. Send "role" instead.',
  })
  const far = await post(roles(), { role: 'manager', banana: 1 }, admin.bearer)
  expect(fault(far.json)?.detail).toBe('This field is not known here.')
  const open = await post('/auth/register', { passwrod: 'x', roles: ['admin'] })
  expect(open.json?.errors).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ detail: 'This field is not known here. Send "password" instead.' }),
      expect.objectContaining({
        pointer: '#/body/roles',
        detail: 'This is never taken from a request: administrators set it.',
      }),
    ]),
  )
})

it('an unknown limit in code is answered with those that there are', () => {
  expect(() => kit.security.limits.consume('acount', 'x')).toThrow(
    expect.objectContaining({
      code: 'limit_policy_unknown',
      message: expect.stringMatching(/Did you mean "account"\? The limits are general, account,/),
    }),
  )
})
