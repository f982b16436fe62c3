import type { IpRanges } from '../http/index.ts'

/** What somebody meets in an organisation, as it was read. */
export interface Place {
  readonly organisationId: string
  /** Held there. */
  readonly roles: readonly string[]
  readonly requiredLevel: 1 | 2
  /** Undefined: from anywhere. */
  readonly ranges: IpRanges | undefined
  /** How old the last proof may be; undefined: as old as the session. */
  readonly sessionMaxMs: number | undefined
  /** The instant from which this must be read again: the end of a role. */
  readonly validUntil: number
}

/** Whose place, under which name, and whom it is about. */
export interface PlaceKey {
  /** Of the account or the key. */
  readonly callerId: string
  /** Of the account, or the owner of the key. */
  readonly userId: string
  /** Id or short name, as the request gave it. */
  readonly reference: string
}

interface Remembered {
  readonly place: Place
  readonly subjects: readonly string[]
}

const limit = 50_000

/** Places by caller and name. All that is known about an account or an organisation is forgotten at once. */
export class MembershipMemory {
  readonly #places = new Map<string, Remembered>()
  readonly #bySubject = new Map<string, Set<string>>()

  /** How much is remembered. Nothing here may stay when its place is forgotten. */
  get size(): { readonly places: number; readonly subjects: number } {
    return { places: this.#places.size, subjects: this.#bySubject.size }
  }

  /** A place that still holds at `now`. */
  recall(key: PlaceKey, now: number): Place | undefined {
    const name = nameOf(key)
    const known = this.#places.get(name)
    if (!known || now < known.place.validUntil) return known?.place
    this.#forget(name)
    return undefined
  }

  remember(key: PlaceKey, place: Place): void {
    const name = nameOf(key)
    this.#forget(name)
    if (this.#places.size >= limit) this.#forgetOldest()
    const subjects = [key.userId, place.organisationId]
    this.#places.set(name, { place, subjects })
    for (const subject of subjects) {
      const names = this.#bySubject.get(subject) ?? new Set()
      this.#bySubject.set(subject, names.add(name))
    }
  }

  /** Forgets what is known about an account or an organisation, by its id. */
  forgetAbout(subject: string): void {
    for (const name of this.#bySubject.get(subject) ?? []) this.#forget(name)
  }

  clear(): void {
    this.#places.clear()
    this.#bySubject.clear()
  }

  #forgetOldest(): void {
    const [oldest] = this.#places.keys()
    if (oldest !== undefined) this.#forget(oldest)
  }

  #forget(name: string): void {
    const known = this.#places.get(name)
    if (!known) return
    this.#places.delete(name)
    for (const subject of known.subjects) {
      const names = this.#bySubject.get(subject)
      names?.delete(name)
      if (names?.size === 0) this.#bySubject.delete(subject)
    }
  }
}

/** An id holds no space, so that no name is that of another. */
function nameOf({ callerId, reference }: PlaceKey): string {
  return `${callerId} ${reference}`
}
