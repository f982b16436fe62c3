import { expect, it } from 'vitest'
import { openFactorBench } from '../../test/factors/factor-bench.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'
import {
  confirmTotp,
  consumeRecoveryCode,
  countPendingTry,
  countRecoveryCodes,
  deleteRecoveryCodes,
  deleteTotp,
  deleteTotpSince,
  dropPendingTotp,
  findTotp,
  insertRecoveryCodes,
  putLiveTotp,
  putPendingTotp,
  spendStep,
} from './store.ts'

describeEngines('what the database holds of second factors', (engine) => {
  const bench = openFactorBench(engine)
  const { begin, clock, codeAt, enrolled, inTrx, newCodes, spend, status, user } = bench

  it('rule 34: neither a secret nor a recovery code stands in the database', async () => {
    const { secret, userId } = await enrolled()
    const codes = await newCodes(userId)
    await begin(userId)
    const reader = bench.reader
    const rows = JSON.stringify([
      await reader.selectFrom('hf_totp').selectAll().execute(),
      await reader.selectFrom('hf_recovery_codes').selectAll().execute(),
    ])
    for (const shown of [secret.toString('base64url'), secret.toString('hex'), ...codes]) {
      expect(rows).not.toContain(shown)
      expect(rows).not.toContain(shown.replace('-', ''))
    }
  })

  it('rule 36: rows moved to another account open nothing', async () => {
    const { secret, userId } = await enrolled()
    const [code = ''] = await newCodes(userId)
    const thief = await enrolled()
    await newCodes(thief.userId)
    const row = await findTotp(bench.reader, userId)
    await inTrx(async (trx) => {
      const stolen = { secret: row?.secret ?? '', lastStep: 0, at: clock.now() }
      await putLiveTotp(trx, thief.userId, stolen)
      await trx.deleteFrom('hf_recovery_codes').where('user_id', '=', thief.userId).execute()
      await trx.updateTable('hf_recovery_codes').set({ user_id: thief.userId }).execute()
    })
    await expect(spend(thief.userId, codeAt(secret))).rejects.toMatchObject({
      code: 'sealed_unreadable',
    })
    expect(await spend(thief.userId, code, 'recovery_code')).toBeUndefined()
  })

  it('every store function keeps its word', async () => {
    const [userId, other] = [await user(), await user()]
    await inTrx(async (trx) => {
      expect(await findTotp(trx, userId)).toBeUndefined()
      await putPendingTotp(trx, userId, { secret: 'a', at: 1 })
      await putPendingTotp(trx, userId, { secret: 'b', at: 2 })
      expect(await confirmTotp(trx, userId, { secret: 'a', lastStep: 5, at: 3 })).toBe(false)
      expect(await confirmTotp(trx, other, { secret: 'b', lastStep: 5, at: 3 })).toBe(false)
      expect(await confirmTotp(trx, userId, { secret: 'b', lastStep: 5, at: 3 })).toBe(true)
      expect(await confirmTotp(trx, userId, { secret: 'b', lastStep: 6, at: 4 })).toBe(false)
      expect(await findTotp(trx, userId)).toEqual({
        ...{ user_id: userId, secret: 'b', confirmed_at: 3, last_step: 5 },
        ...{ pending_secret: null, pending_at: null, pending_for: null, pending_tries: null },
      })
      expect(await spendStep(trx, userId, { secret: 'a', step: 6 })).toBe(false)
      expect(await spendStep(trx, userId, { secret: 'b', step: 5 })).toBe(false)
      expect(await spendStep(trx, userId, { secret: 'b', step: 6 })).toBe(true)
      expect(await spendStep(trx, userId, { secret: 'b', step: 6 })).toBe(false)
      await putPendingTotp(trx, userId, { secret: 'c', at: 4 })
      expect(await findTotp(trx, userId)).toMatchObject({ secret: 'b', pending_secret: 'c' })
      await putLiveTotp(trx, userId, { secret: 'd', lastStep: -1, at: 5 })
      expect(await findTotp(trx, userId)).toMatchObject({ secret: 'd', pending_secret: null })
      await putPendingTotp(trx, userId, { secret: 'e', at: 6 })
      expect(await countPendingTry(trx, userId, { most: 2, since: 6 })).toBe(false)
      expect(await countPendingTry(trx, other, { most: 2, since: 5 })).toBe(false)
      for (const taken of [true, true, false]) {
        expect(await countPendingTry(trx, userId, { most: 2, since: 5 })).toBe(taken)
      }
      await dropPendingTotp(trx, userId)
      expect(await findTotp(trx, userId)).toMatchObject({ secret: 'd', pending_at: null })
      expect(await deleteTotpSince(trx, userId, 6)).toBe(false)
      expect(await deleteTotpSince(trx, other, 5)).toBe(false)
      expect(await deleteTotpSince(trx, userId, 5)).toBe(true)
      await putLiveTotp(trx, userId, { secret: 'd', lastStep: -1, at: 5 })
      expect(await deleteTotp(trx, other)).toBe(false)
      expect(await deleteTotp(trx, userId)).toBe(true)
      expect(await deleteTotp(trx, userId)).toBe(false)
      const row = (code_hash: string) => {
        return { user_id: userId, code_hash, created_at: 1, used_at: null }
      }
      await insertRecoveryCodes(trx, [row('x'), row('y')])
      expect(await countRecoveryCodes(trx, userId)).toBe(2)
      expect(await consumeRecoveryCode(trx, other, { hash: 'x', now: 2 })).toBe(false)
      expect(await consumeRecoveryCode(trx, userId, { hash: 'z', now: 2 })).toBe(false)
      expect(await consumeRecoveryCode(trx, userId, { hash: 'x', now: 2 })).toBe(true)
      expect(await consumeRecoveryCode(trx, userId, { hash: 'x', now: 3 })).toBe(false)
      expect(await countRecoveryCodes(trx, userId)).toBe(1)
      await deleteRecoveryCodes(trx, userId, 2)
      expect(await countRecoveryCodes(trx, userId)).toBe(1)
      await deleteRecoveryCodes(trx, userId)
      expect(await countRecoveryCodes(trx, userId)).toBe(0)
    })
  })

  it('what belongs to an account goes with it', async () => {
    const { userId } = await enrolled()
    await newCodes(userId)
    await inTrx((trx) => trx.deleteFrom('hf_users').where('id', '=', userId).execute())
    expect(await status(userId)).toEqual({ totp: null, recoveryCodesLeft: 0 })
  })
})
