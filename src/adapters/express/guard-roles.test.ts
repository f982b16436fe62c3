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
      const told = kit.log.filter(({ message }) => message.includes('a role that is not there'))
      expect(told).toMatchObject([{ level: 'warn', fields: { path: '/audits', role: 'auditor' } }])
      const person = await kit.person('user')
      expect(await at(person)).toBe(403)
      await roles.set('auditor', auditor)
      await users.grantRole(person.userId, 'auditor')
      expect(await at(person)).toBe(200)
    }))
})

describe('a guard for a role that is nowhere', () => {
  it('stops the start, names the route, and says what to do', () =>
    withKit(async (kit) => {
      const start = () => guardedBy('manger', kit).listen(0, '127.0.0.1')
      expect(start).toThrow(
        /GET \/audits, role manger: .*access\.roles.*Did you mean "manager"\? The roles are super_admin, /,
      )
      expect(() => guardedBy('auditor', kit).listen(0, '127.0.0.1')).toThrow(
        /role auditor: .*holdfast roles set auditor/,
      )
    }))

  it('says before the database was read that roles made while the app runs are not known yet', async () => {
    const kit = await openKit()
    await kit.close()
    expect(() => guardedBy('auditor', kit).listen(0, '127.0.0.1')).toThrow(
      /roles that administrators made count once security\.ready\(\)/,
    )
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
