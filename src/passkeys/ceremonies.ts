import { hashToken, newToken } from '../crypto/index.ts'
import { type Database, inBatches } from '../database/index.ts'
import type { Clock, Random } from '../ports/index.ts'
import { defaultRealm } from '../users/index.ts'
import { deleteEndedCeremonies, insertCeremony, spendCeremony } from './store.ts'
import type { CeremonyKind } from './table.ts'

/** How long a person has to answer; browsers are told the same. */
export const ceremonyMs = 5 * 60_000

/** What a challenge is made for, and the only thing that it is good for. */
export interface Ceremony {
  readonly kind: CeremonyKind
  /** Undefined where anybody may sign in. */
  readonly userId?: string | undefined
  /** Token of the browser's flow cookie, or the user agent of a native client. */
  readonly browser: string
  /** Among whose accounts it is answered, where anybody may; absent: those of no isolated organisation. */
  readonly realm?: string | undefined
}

interface CeremoniesParts {
  readonly database: Database
  readonly clock: Clock
  readonly random: Random
}

/**
 * What the database keeps of the browser that asked for a challenge, and of the realm in which it asked.
 * The two forms cannot be taken for each other, and no realm holds a space.
 */
export function browserHash({ browser, realm = defaultRealm }: Omit<Ceremony, 'kind'>): string {
  const here = realm === defaultRealm ? '' : `realm:${realm} `
  return hashToken(`${here}browser:${browser}`)
}

/** The challenges that are out: 256 random bits each, kept as a hash, good for one answer. */
export class Ceremonies {
  readonly #parts: CeremoniesParts

  constructor(parts: CeremoniesParts) {
    this.#parts = parts
  }

  /** Makes a challenge and remembers what for. */
  async open({ kind, userId, ...where }: Ceremony): Promise<string> {
    const { clock, database, random } = this.#parts
    const challenge = newToken(random)
    const now = clock.now()
    const row = {
      challenge_hash: hashToken(challenge),
      ...{ kind, user_id: userId ?? null, browser_hash: browserHash(where) },
      ...{ created_at: now, expires_at: now + ceremonyMs, used_at: null },
    }
    await database.transaction((trx) => insertCeremony(trx, row))
    return challenge
  }

  /** Spends a challenge: true once, for what it was made for, within its time. */
  spend(challenge: string, { kind, userId, ...where }: Ceremony): Promise<boolean> {
    const { clock, database } = this.#parts
    const match = {
      challengeHash: hashToken(challenge),
      ...{ kind, userId, browserHash: browserHash(where) },
    }
    return database.transaction((trx) => spendCeremony(trx, match, clock.now()))
  }

  /** Forgets what has ended. */
  sweep(signal?: AbortSignal): Promise<void> {
    const { clock, database } = this.#parts
    const before = clock.now()
    return inBatches(database, { size: 500, signal }, (trx, size) =>
      deleteEndedCeremonies(trx, before, size),
    )
  }
}
