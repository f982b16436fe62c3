import type { Database } from '../database/index.ts'
import type { Auth } from '../http/index.ts'
import type { Revocation, RevocationListener } from '../revocation/index.ts'
import { defaultRealm, findRealm, nowhereAt } from '../users/index.ts'
import { findOrganisation } from './store.ts'

const limit = 10_000
const longestName = 100

/**
 * Which accounts a request is about where each organisation has accounts of its own (`organisations.tenancy`
 * `isolated`): those of the organisation that it names, whose realm is its id, else those of nobody's
 * organisation. Names are remembered until something about their organisation changes; those of none
 * until anything about any organisation does, so that nobody can tell by the work which there are.
 */
export class Realms implements RevocationListener {
  readonly #database: Database
  readonly #byName = new Map<string, string>()
  readonly #absent = new Map<string, string>()
  readonly #ofCaller = new WeakMap<Auth, string>()
  #generation = 0

  constructor(database: Database) {
    this.#database = database
  }

  /** The realm of a name that this node remembers, or of no name. */
  recall(reference: string | undefined): string | undefined {
    return reference === undefined ? defaultRealm : this.#known(reference)
  }

  /** The realm of an organisation by its id or short name; one of nobody for what is closed or none. */
  async find(reference: string): Promise<string> {
    const generation = this.#generation
    const row = await findOrganisation(this.#database.reader, reference)
    const isThere = row?.status === 'active'
    const realm = isThere ? row.id : nowhereAt(reference)
    const names = isThere ? this.#byName : this.#absent
    if (names.size >= limit) names.clear()
    // A name of none is as long as a request wants.
    const isKept = generation === this.#generation && reference.length <= longestName
    if (isKept) names.set(reference, realm)
    return realm
  }

  #known(reference: string): string | undefined {
    return this.#byName.get(reference) ?? this.#absent.get(reference)
  }

  /** The realm of the account behind a caller, which never changes; undefined where it has to be read. */
  recallOf(auth: Auth): string | undefined {
    return this.#ofCaller.get(auth)
  }

  /** The same, read: for a key of no account, of the organisation in which it acts. */
  async findOf(auth: Auth): Promise<string> {
    const own = await findRealm(this.#database.reader, auth.userId)
    const realm = own ?? auth.organisation ?? defaultRealm
    this.#ofCaller.set(auth, realm)
    return realm
  }

  revoked({ id, kind }: Revocation): void {
    this.#generation++
    if (kind !== 'organisation') return
    this.#absent.clear()
    for (const [name, realm] of this.#byName) if (realm === id) this.#byName.delete(name)
  }

  everything(): void {
    this.#generation++
    this.#byName.clear()
    this.#absent.clear()
  }
}
