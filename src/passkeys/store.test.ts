import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import { SoftwareAuthenticator } from '../../test/passkeys/authenticator.ts'
import { Bench, browser } from '../../test/passkeys/bench.ts'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import type { UserRow } from '../users/index.ts'
import {
  countPasskeys,
  deleteEndedCeremonies,
  deletePasskey,
  deletePasskeys,
  findPasskeyByCredential,
  findPasskeys,
  insertCeremony,
  insertPasskey,
  renamePasskey,
  spendCeremony,
  usePasskey,
} from './store.ts'
import type { CeremonyRow, PasskeyRow } from './table.ts'

const minute = 60_000
const idOf = (at: number) => `01900000-0000-7000-8000-${String(at).padStart(12, '0')}`
const rounds = Array.from({ length: process.env.HOLDFAST_SOAK ? 500 : 20 }, (_, at) => at + 1)
const crowd = Array.from({ length: 100 }, (_, turn) => turn)

describeEngines('passkeys', (engine) => {
  const clock = new ManualClock()
  let fresh: FreshDatabase
  let nodes: readonly [Bench, Bench]
  let owner: UserRow
  let other: UserRow
  let people = 0

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const options = { url: fresh.url, clock }
    nodes = [await Bench.open(options), await Bench.open(options, false)]
  })
  afterAll(async () => {
    for (const node of nodes ?? []) await node.close()
    await fresh?.drop()
  })
  beforeEach(async () => {
    await nodes[0].write(async (trx) => {
      await trx.deleteFrom('hf_ceremonies').execute()
      await trx.deleteFrom('hf_passkeys').execute()
    })
    owner = await nodes[0].person(idOf(++people))
    other = await nodes[0].person(idOf(++people))
    for (const node of nodes) node.events.splice(0)
  })

  const passkey = (name: string, change: Partial<PasskeyRow> = {}): PasskeyRow => ({
    ...{ id: idOf(900 + name.length), user_id: owner.id, name, aaguid: 'a' },
    ...{ backed_up: 0, backup_eligible: null },
    ...{ credential_id: name, credential_hash: name, public_key: 'key', transports: '["usb"]' },
    ...{ counter: 0, created_at: 1, last_used_at: null, ...change },
  })
  const ceremony = (hash: string, change: Partial<CeremonyRow> = {}): CeremonyRow => ({
    ...{ challenge_hash: hash, kind: 'factor', user_id: owner.id, browser_hash: 'browser' },
    ...{ created_at: 1, expires_at: 10, used_at: null, ...change },
  })
  const match = (challengeHash: string, change = {}) => ({
    ...{ challengeHash, kind: 'factor' as const, userId: owner.id, browserHash: 'browser' },
    ...change,
  })

  it('are kept for one account, in the order they came, and one credential once', async () => {
    await nodes[0].write(async (trx) => {
      const rows = [
        passkey('one', { created_at: 2 }),
        passkey('three'),
        passkey('eleven', { user_id: other.id, counter: 2 ** 32 - 1, backed_up: 1 }),
      ]
      for (const row of rows) expect(await insertPasskey(trx, row)).toBe(true)
      const again = passkey('two more', { credential_hash: 'eleven' })
      expect(await insertPasskey(trx, again)).toBe(false)
      expect(await findPasskeys(trx, owner.id)).toEqual([rows[1], rows[0]])
      expect(await findPasskeyByCredential(trx, 'eleven')).toEqual(rows[2])
      expect(await findPasskeyByCredential(trx, 'Eleven')).toBeUndefined()
      expect([await countPasskeys(trx, owner.id), await countPasskeys(trx, other.id)]).toEqual([
        2, 1,
      ])
    })
  })

  it('are renamed and deleted by their account alone', async () => {
    const row = passkey('one')
    const [own, foreign] = [
      { userId: owner.id, id: row.id },
      { userId: other.id, id: row.id },
    ]
    await nodes[0].write(async (trx) => {
      await insertPasskey(trx, row)
      await insertPasskey(trx, passkey('three'))
      expect(await renamePasskey(trx, foreign, 'mine')).toBe(false)
      expect(await renamePasskey(trx, own, 'one')).toBe(true)
      expect(await renamePasskey(trx, own, 'Ada’s 📱')).toBe(true)
      expect((await findPasskeyByCredential(trx, 'one'))?.name).toBe('Ada’s 📱')
      expect(await deletePasskey(trx, foreign)).toBe(false)
      expect(await deletePasskey(trx, own)).toBe(true)
      expect(await deletePasskey(trx, own)).toBe(false)
      expect(await deletePasskeys(trx, other.id)).toBe(0)
      expect(await deletePasskeys(trx, owner.id)).toBe(1)
    })
  })

  it('are used when the counter grew, or when it was and is 0', async () => {
    const row = passkey('one')
    const use = (counter: number) => ({
      ...{ counter, backed_up: 1, backup_eligible: counter < 2 ? 1 : 0, last_used_at: 7 },
    })
    await nodes[0].write(async (trx) => {
      await insertPasskey(trx, row)
      const uses: [number, boolean][] = [
        ...([
          [0, true],
          [0, true],
          [3, true],
          [3, false],
        ] as [number, boolean][]),
        ...([
          [2, false],
          [0, false],
          [2 ** 32 - 1, true],
        ] as [number, boolean][]),
      ]
      for (const [counter, right] of uses) {
        expect(await usePasskey(trx, row.id, use(counter)), String(counter)).toBe(right)
      }
      const kept = await findPasskeyByCredential(trx, 'one')
      expect(kept).toMatchObject({ counter: 2 ** 32 - 1, backed_up: 1, last_used_at: 7 })
      expect(kept?.backup_eligible).toBe(1)
      expect(await usePasskey(trx, idOf(1_000), use(9))).toBe(false)
    })
  })

  it('have challenges that are spent once, in time, by what they were made for', async () => {
    await nodes[0].write(async (trx) => {
      await insertCeremony(trx, ceremony('named'))
      await insertCeremony(trx, ceremony('open', { kind: 'sign_in', user_id: null }))
      const wrong = [
        match('other'),
        match('Named'),
        match('named', { kind: 'step_up' }),
        match('named', { userId: other.id }),
        match('named', { userId: undefined }),
        match('named', { browserHash: 'another' }),
        match('open', { kind: 'sign_in' }),
      ]
      for (const one of wrong) expect(await spendCeremony(trx, one, 5)).toBe(false)
      expect(await spendCeremony(trx, match('named'), 10)).toBe(false)
      expect(await spendCeremony(trx, match('named'), 9)).toBe(true)
      expect(await spendCeremony(trx, match('named'), 9)).toBe(false)
      const anybody = match('open', { kind: 'sign_in', userId: undefined })
      expect(await spendCeremony(trx, anybody, 9)).toBe(true)
    })
  })

  it('have challenges that are forgotten once they have ended, in batches', async () => {
    await nodes[0].write(async (trx) => {
      for (const [hash, at] of [
        ['a', 3],
        ['b', 1],
        ['c', 2],
        ['d', 4],
      ] as const) {
        await insertCeremony(trx, ceremony(hash, { expires_at: at }))
      }
      expect(await deleteEndedCeremonies(trx, 4, 2)).toBe(2)
      const left = await trx.selectFrom('hf_ceremonies').select('challenge_hash').execute()
      expect(left.map((row) => row.challenge_hash).sort()).toEqual(['a', 'd'])
      expect(await deleteEndedCeremonies(trx, 4, 2)).toBe(1)
      expect(await deleteEndedCeremonies(trx, 4, 2)).toBe(0)
    })
  })

  it('have a sweep that leaves what can still be answered', async () => {
    const authenticator = new SoftwareAuthenticator()
    await nodes[0].register(owner, authenticator)
    await clock.advance(5 * minute)
    const sent = await nodes[0].signature(authenticator)
    await clock.advance(1)
    await nodes[1].passkeys.sweep(AbortSignal.abort())
    const left = () => nodes[0].database.reader.selectFrom('hf_ceremonies').selectAll().execute()
    expect(await left()).toHaveLength(2)
    await nodes[1].passkeys.sweep()
    expect(await left()).toHaveLength(1)
    expect(await nodes[0].verify(sent)).toMatchObject({ ok: true })
  })

  it.each(rounds)('of 100 answers to one challenge one counts (round %i)', async () => {
    const authenticator = new SoftwareAuthenticator({ counts: false })
    await nodes[0].register(owner, authenticator)
    const sent = await nodes[0].signature(authenticator)
    const verdicts = await Promise.all(crowd.map((turn) => nodes[turn % 2 ? 1 : 0].verify(sent)))
    expect(verdicts.filter(({ ok }) => ok)).toHaveLength(1)
    const made = await nodes[0].newPasskey(owner, new SoftwareAuthenticator())
    const additions = await Promise.all(
      crowd.map((turn) => nodes[turn % 2 ? 1 : 0].verifyNew(owner.id, made)),
    )
    expect(additions.filter(({ ok }) => ok)).toHaveLength(1)
  })

  it.each(rounds)('of two signatures with one counter one counts (round %i)', async () => {
    const authenticator = new SoftwareAuthenticator()
    await nodes[0].register(owner, authenticator)
    const asked = { twist: { counter: 9 } }
    const sent = [
      await nodes[0].signature(authenticator, asked),
      await nodes[1].signature(authenticator, asked),
    ]
    const used = await Promise.all(
      sent.map(async (response, turn) => {
        const node = nodes[turn % 2 ? 1 : 0]
        const verdict = await node.verify(response)
        if (!verdict.ok) return false
        const use = await node.write((trx) => node.passkeys.use(trx, verdict))
        const { passkey } = verdict
        if (use === 'cloned') {
          await node.write((trx) => node.passkeys.noteClone(trx, passkey, undefined))
        }
        return use === 'used'
      }),
    )
    expect(used.filter((one) => one)).toHaveLength(1)
    const alarms = nodes.flatMap(({ events }) => events.map(({ name }) => name))
    expect(alarms).toEqual(['passkey.cloned'])
  })

  it.each(rounds)('of 100 registrations of one credential one counts (round %i)', async () => {
    const credentialId = Buffer.from(`one for all ${clock.now()} ${people}`).toString('base64url')
    const credential = {
      ...{ credentialId, publicKey: 'key', counter: 0, transports: [], aaguid: 'a' },
      ...{ backedUp: false, backupEligible: false },
    }
    const added = await Promise.all(
      crowd.map((turn) => {
        const node = nodes[turn % 2 ? 1 : 0]
        const userId = turn % 4 < 2 ? owner.id : other.id
        return node.write(async (trx) => {
          await trx
            .updateTable('hf_users')
            .set({ realm: 'default' })
            .where('id', '=', userId)
            .execute()
          return node.passkeys.add(trx, { userId, credential })
        })
      }),
    )
    const [winner, ...rest] = added.filter((row) => row !== undefined)
    expect(rest).toEqual([])
    const { reader } = nodes[1].database
    const counts = await reader
      .selectFrom('hf_users')
      .select('passkeys')
      .where('id', 'in', [owner.id, other.id])
      .orderBy('passkeys')
      .execute()
    expect(counts).toEqual([{ passkeys: 0 }, { passkeys: 1 }])
    expect(await countPasskeys(reader, winner?.user_id ?? '')).toBe(1)
  })

  it('go with their account', async () => {
    const authenticator = new SoftwareAuthenticator()
    await nodes[0].register(owner, authenticator)
    await nodes[0].passkeys.request({ kind: 'factor', userId: owner.id, browser })
    await nodes[0].write((trx) => trx.deleteFrom('hf_users').where('id', '=', owner.id).execute())
    const { reader } = nodes[1].database
    expect(await findPasskeys(reader, owner.id)).toEqual([])
    expect(await reader.selectFrom('hf_ceremonies').selectAll().execute()).toEqual([])
  })
})
