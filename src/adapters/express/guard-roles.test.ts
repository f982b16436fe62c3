import express from 'express'
import { describe, expect, it } from 'vitest'
import { openBench } from '../../../test/adapters/bench.ts'
import { type Kit, listen, openKit } from '../../../test/adapters/site.ts'

const bench = openBench()
const auditor = { permissions: ['read:invoices'] }

function guardedBy(role: string, { security }: Kit) {
  const app = security.protect(express())
  app.get('/audits', security.guard({ anyRole: [role] }), bench.secret)
  return app
}

/** What a request of somebody is answered at the guarded route. */
async function siteOf(role: string, kit: Kit) {
  const site = await bench.open(listen(guardedBy(role, kit).listen(0, '127.0.0.1')))
  return async (who: { readonly bearer: Readonly<Record<string, string>> }) =>
    (await site.fetch('/audits', { headers: who.bearer })).status
}

/** What the log says of roles that are nowhere. */
const toldOf = ({ log }: Kit) =>
  log.filter(({ message }) => message.includes('a role that is not there'))

/** A security of its own for one test. */
async function withKit(work: (kit: Kit) => Promise<void>): Promise<void> {
  const kit = await openKit()
  await work(kit).finally(() => kit.close())
}

describe('a guard for a role that was made while the app runs', () => {
  it('is passed by its holders, from the next request until it is withdrawn', () =>
    withKit(async (kit) => {
      const { roles, users } = kit.security
      await roles.set('auditor', auditor)
      const at = await siteOf('auditor', kit)
      const person = await kit.person('user')
      const manager = await kit.person('manager')
      expect(await at(person)).toBe(403)
      await users.grantRole(person.userId, 'auditor')
      expect(await at(person)).toBe(200)
      expect(await at(manager)).toBe(403)
      await users.withdrawRole(person.userId, 'auditor')
      expect(await at(person)).toBe(403)
      expect(await at({ bearer: {} as never })).toBe(401)
    }))

  it('may be written before the role is made, where administrators make roles', () =>
    withKit(async (kit) => {
      const { roles, users } = kit.security
      await roles.set('buyer', auditor)
      const at = await siteOf('auditor', kit)
      expect(toldOf(kit)).toMatchObject([
        { level: 'warn', fields: { path: '/audits', role: 'auditor' } },
      ])
      const person = await kit.person('user')
      expect(await at(person)).toBe(403)
      await roles.set('auditor', auditor)
      await users.grantRole(person.userId, 'auditor')
      expect(await at(person)).toBe(200)
    }))
})

describe('a guard for a role that is nowhere', () => {
  it('never stops the start: one line names route, role and remedy, and nobody passes', () =>
    withKit(async (kit) => {
      const at = await siteOf('manger', kit)
      const fix = expect.stringMatching(
        /access\.roles.*holdfast roles set manger.*Did you mean "manager"\? The roles are super_admin, /,
      )
      expect(toldOf(kit)).toMatchObject([
        { level: 'warn', fields: { method: 'GET', path: '/audits', role: 'manger', fix } },
      ])
      expect(await at(await kit.person('manager'))).toBe(403)
      expect(toldOf(kit)).toHaveLength(1)
    }))

  it('may have been removed a moment ago: the next start is as the one before', () =>
    withKit(async (kit) => {
      const { roles } = kit.security
      await roles.set('auditor', auditor)
      await siteOf('auditor', kit)
      await roles.remove('auditor')
      await siteOf('auditor', kit)
      expect(toldOf(kit)).toMatchObject([{ level: 'warn', fields: { role: 'auditor' } }])
    }))

  it('is told of once the database was read: before that nobody knows which roles are missing', async () => {
    const early = await openKit()
    await early.close()
    const site = await bench.open(listen(guardedBy('auditor', early).listen(0, '127.0.0.1')))
    expect((await site.fetch('/audits')).status).toBeGreaterThanOrEqual(400)
    expect(toldOf(early)).toEqual([])
  })
})

describe('rule 25: a role of which nobody knows what it was', () => {
  const broken = JSON.stringify({ permissions: ['read:invoices'], deny: ['no pattern'] })

  it('opens no route to its holders, whom it permits nothing either', () =>
    withKit(async (kit) => {
      const { parts, roles, users } = kit.security
      await roles.set('auditor', auditor)
      const at = await siteOf('auditor', kit)
      const person = await kit.person('user')
      await users.grantRole(person.userId, 'auditor')
      expect(await at(person)).toBe(200)
      const { database, revocations } = parts.ground
      await database.transaction(async (trx) => {
        await revocations.announce(trx, { kind: 'roles', id: 'auditor' })
        await trx
          .updateTable('hf_roles')
          .set((eb) => ({ definition: broken, version: eb('version', '+', 1) }))
          .execute()
      })
      expect(await at(person)).toBe(403)
    }))
})
