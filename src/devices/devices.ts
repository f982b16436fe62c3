import { hashToken } from '../crypto/index.ts'
import { type Database, type Db, inBatches, type Trx } from '../database/index.ts'
import type { Actor, Origin, Recorder } from '../events/index.ts'
import { type Clock, type Random, uuidv7 } from '../ports/index.ts'
import {
  deleteUnseenDevices,
  distrustDevices,
  findDevice,
  findKnownDevice,
  findKnownDevices,
  forgetDevice,
  forgetDevices,
  insertDevice,
  trustDevice,
  updateSeenDevice,
} from './store.ts'
import type { DeviceRow } from './table.ts'

export interface DevicesParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly clock: Clock
  readonly random: Random
}

/** Who forgets a device, for the record. */
export interface ForgottenBy {
  readonly actor: Actor
  readonly origin?: Origin
}

/** A device that its owner spares the second factor. */
export interface TrustedDevice {
  readonly userId: string
  readonly id: string
  readonly origin: Origin
}

/** A device at the moment of a sign-in. */
export interface SeenAtSignIn {
  readonly userId: string
  readonly deviceHash: string
  readonly ip: string | undefined
  readonly userAgent: string | undefined
}

/** What an account remembers of one of its devices. */
export interface KnownDevice {
  readonly deviceHash: string
  /** False while a mailed link alone has made it known: it stands for no second factor. */
  readonly proven: boolean
  readonly trusted: boolean
}

/** A year, as long as the cookie lives. */
const keepUnseenMs = 365 * 24 * 60 * 60 * 1000

/** What a native client is known by. Anybody can send a user agent, but not from every network. */
interface NativeClient {
  readonly userAgent: string | undefined
  /** What limits count the client by: an IPv4 address, or a /64 of IPv6. */
  readonly network?: string | undefined
}

/**
 * What the database keeps of a device: a hash of the token in its cookie, which only a browser that
 * signed in has, or of the network and the user agent of a native client. The second is no secret, so
 * it names a device to its owner and never makes a guess a known device's.
 */
export function deviceHash(client: NativeClient & { readonly device: string | undefined }): string {
  const { device, network = '', userAgent = '' } = client
  return hashToken(device ?? `agent:${network}\n${userAgent}`)
}

/** Which of an account's devices asks: by the tokens of its cookie, or as a native client without one. */
export function currentDevice<Row extends Pick<DeviceRow, 'device_hash'>>(
  rows: readonly Row[],
  { tokens, ...native }: NativeClient & { readonly tokens: readonly string[] },
): Row | undefined {
  const hashes = (tokens.length === 0 ? [undefined] : tokens).map((device) =>
    deviceHash({ device, ...native }),
  )
  return rows.find((row) => hashes.includes(row.device_hash))
}

/** The devices that signed in to an account before: listed, forgotten, and told from new ones. */
export class Devices {
  readonly #parts: DevicesParts

  constructor(parts: DevicesParts) {
    this.#parts = parts
  }

  /** The known devices of an account, the one used last first. A trust that has ended is none. */
  async list(userId: string): Promise<DeviceRow[]> {
    const now = this.#parts.clock.now()
    const rows = await findKnownDevices(this.#parts.database.reader, userId)
    return rows.map((row) => (isTrusted(row, now) ? row : { ...row, trusted_until: null }))
  }

  /**
   * Which of the devices with these hashes an account knows, whether somebody signed in from it since
   * it is known, and whether it is spared the second factor now.
   * @internal takes a handle of ours
   */
  async known(db: Db, userId: string, hashes: readonly string[]): Promise<KnownDevice | undefined> {
    const row = await findKnownDevice(db, userId, hashes)
    if (!row) return undefined
    const trusted = isTrusted(row, this.#parts.clock.now())
    return { deviceHash: row.device_hash, proven: row.unproven_since === null, trusted }
  }

  /**
   * Spares a known device the second factor until an instant; false when the account does not know it.
   * Only a token that a browser keeps may name the device: anybody can send a user agent.
   * @internal takes a transaction of ours
   */
  async trust(trx: Trx, { id, origin, userId }: TrustedDevice, until: number): Promise<boolean> {
    if (!(await trustDevice(trx, { userId, id }, until))) return false
    await this.#parts.recorder.record(trx, {
      name: 'device.trusted',
      actor: { kind: 'user', id: userId },
      resource: { kind: 'device', id },
      origin,
      payload: { userId, deviceId: id, until },
    })
    return true
  }

  /**
   * Ends the trust in every device of an account, as each change of a password or a factor does; how
   * many had it. They stay known.
   * @internal takes a transaction of ours
   */
  distrustAll(trx: Trx, userId: string): Promise<number> {
    return distrustDevices(trx, userId)
  }

  /**
   * Notes a sign-in; whether the device was not known before. In the transaction of the session, after
   * the lock of the account's row. One that is forgotten at this moment stays forgotten.
   * @internal takes a transaction of ours
   */
  async note(trx: Trx, seen: SeenAtSignIn): Promise<{ readonly id: string; isNew: boolean }> {
    const known = await findDevice(trx, seen.userId, seen.deviceHash)
    if (!known) return { id: await this.#add(trx, seen, null), isNew: true }
    const isKept = await updateSeenDevice(trx, known, this.#lastOf(seen))
    return { id: known.id, isNew: known.forgotten_at !== null || !isKept }
  }

  /**
   * Notes a browser that has used a mailed link: known, so that no siege of the password holds it back,
   * and unproven until somebody signs in from it. Its hash is that of a new token.
   * @internal takes a transaction of ours
   */
  async noteLink(trx: Trx, seen: SeenAtSignIn): Promise<void> {
    await this.#add(trx, seen, this.#parts.clock.now())
  }

  async #add(trx: Trx, seen: SeenAtSignIn, unprovenSince: number | null): Promise<string> {
    const { clock, random } = this.#parts
    const now = clock.now()
    const id = uuidv7(now, random)
    const keys = { id, user_id: seen.userId, device_hash: seen.deviceHash }
    const fresh = { first_seen_at: now, forgotten_at: null, trusted_until: null }
    const row = { ...keys, ...this.#lastOf(seen), ...fresh, unproven_since: unprovenSince }
    await insertDevice(trx, row)
    return id
  }

  #lastOf({ ip, userAgent }: SeenAtSignIn) {
    const at = this.#parts.clock.now()
    return { user_agent: userAgent ?? null, ip: ip ?? null, last_seen_at: at }
  }

  /**
   * Forgets one device; false when the account has no such known device. Sessions go on.
   * @internal takes a transaction of ours
   */
  async forget(trx: Trx, userId: string, id: string, by: ForgottenBy): Promise<boolean> {
    const { clock, recorder } = this.#parts
    if (!(await forgetDevice(trx, { userId, id }, clock.now()))) return false
    await recorder.record(trx, {
      name: 'device.forgotten',
      actor: by.actor,
      resource: { kind: 'device', id },
      ...(by.origin ? { origin: by.origin } : {}),
      payload: { userId, deviceId: id },
    })
    return true
  }

  /**
   * Forgets all devices of an account, but one if asked; how many. That one stays known, and is trusted no
   * longer. The change that asks for it is what the record tells of.
   * @internal takes a transaction of ours
   */
  async forgetAll(
    trx: Trx,
    userId: string,
    options: { readonly exceptHash?: string | undefined } = {},
  ): Promise<number> {
    const now = this.#parts.clock.now()
    await distrustDevices(trx, userId)
    return forgetDevices(trx, userId, { exceptHash: options.exceptHash ?? '', now })
  }

  /** The job that deletes devices nobody has used for a year. */
  sweep(signal?: AbortSignal): Promise<void> {
    const { clock, database } = this.#parts
    const before = clock.now() - keepUnseenMs
    return inBatches(database, { size: 500, signal }, (trx, size) =>
      deleteUnseenDevices(trx, before, size),
    )
  }
}

function isTrusted({ trusted_until: until }: DeviceRow, now: number): boolean {
  return until !== null && now < until
}
