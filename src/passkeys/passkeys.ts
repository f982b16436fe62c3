import type { PasskeyConfig } from '../config/index.ts'
import { hashToken } from '../crypto/index.ts'
import { type Database, type Db, json, type Trx } from '../database/index.ts'
import type { Origin, Recorder } from '../events/index.ts'
import { type Clock, type Random, uuidv7 } from '../ports/index.ts'
import { notePasskeys } from '../users/index.ts'
import { Ceremonies, type Ceremony } from './ceremonies.ts'
import { type ClientData, readClientData } from './client-data.ts'
import {
  type CredentialOptions,
  creationOptions,
  type PasskeyOwner,
  requestOptions,
  userHandle,
} from './options.ts'
import type {
  AssertionKind,
  AssertionRequest,
  AssertionVerdict,
  PasskeyAddition,
  PasskeyProof,
  PasskeyUse,
  RegistrationVerdict,
  SentAssertion,
  SentRegistration,
} from './proof.ts'
import { type AssertionResponse, readAssertion, readRegistration } from './response.ts'
import { type Site, siteAt } from './site.ts'
import {
  countPasskeys,
  deletePasskey,
  deletePasskeys,
  findPasskeyByCredential,
  findPasskeys,
  insertPasskey,
  type OwnPasskey,
  renamePasskey,
  usePasskey,
} from './store.ts'
import type { PasskeyRow } from './table.ts'
import { verifyAssertion, verifyRegistration } from './verify.ts'

export interface PasskeysParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly clock: Clock
  readonly random: Random
  /** Where the site is: its host is what passkeys are bound to, its origin the only one that may ask. */
  readonly baseUrl: string
  readonly appName: string
  readonly rules: PasskeyConfig
}

const refused = { ok: false } as const

/** The passkeys of accounts (WebAuthn Level 3): made, kept, and asked to sign. */
export class Passkeys {
  readonly #parts: PasskeysParts
  readonly #site: Site
  readonly #ceremonies: Ceremonies

  constructor(parts: PasskeysParts) {
    this.#parts = parts
    this.#site = siteAt(parts.baseUrl, parts.appName, parts.rules)
    this.#ceremonies = new Ceremonies(parts)
  }

  /** The passkeys of an account, the oldest first. */
  list(db: Db, userId: string): Promise<PasskeyRow[]> {
    return findPasskeys(db, userId)
  }

  /** Options for `navigator.credentials.create`; their challenge is good for one answer. */
  async registration(
    owner: PasskeyOwner,
    browser: string,
  ): Promise<{ readonly options: CredentialOptions }> {
    const known = await findPasskeys(this.#parts.database.reader, owner.id)
    const challenge = await this.#ceremonies.open({ kind: 'register', userId: owner.id, browser })
    return { options: creationOptions({ site: this.#site, challenge, owner, known }) }
  }

  /**
   * Verifies what a browser answered to {@link registration}. Spends the challenge first, in a
   * transaction of its own; never throws for anything that `response` holds.
   */
  async verifyRegistration(sent: SentRegistration): Promise<RegistrationVerdict> {
    const response = readRegistration(sent.response)
    const data = response && readClientData(response.clientDataJson)
    if (!response || !data) return refused
    if (!(await this.#spend(data, { ...sent, kind: 'register' }))) return refused
    const credential = await verifyRegistration(response, {
      site: this.#site,
      challenge: data.challenge,
      requireUserVerification: this.#site.userVerification === 'required',
    })
    return credential ? { ok: true, credential } : refused
  }

  /**
   * Adds a verified passkey to an account; undefined when its credential is registered already, with
   * whatever account. After the lock of the account's row.
   * @internal takes a transaction of ours
   */
  async add(
    trx: Trx,
    { credential, name, userId }: PasskeyAddition,
  ): Promise<PasskeyRow | undefined> {
    const { clock, random } = this.#parts
    const now = clock.now()
    const known = await countPasskeys(trx, userId)
    const row: PasskeyRow = {
      ...{ id: uuidv7(now, random), user_id: userId },
      credential_id: credential.credentialId,
      credential_hash: hashToken(credential.credentialId),
      public_key: credential.publicKey,
      counter: credential.counter,
      transports: json.encode(credential.transports),
      name: name ?? (known === 0 ? 'Passkey' : `Passkey ${known + 1}`),
      aaguid: credential.aaguid,
      backed_up: credential.backedUp ? 1 : 0,
      backup_eligible: credential.backupEligible ? 1 : 0,
      ...{ created_at: now, last_used_at: null },
    }
    if (!(await insertPasskey(trx, row))) return undefined
    await notePasskeys(trx, userId, { at: now, count: known + 1 })
    return row
  }

  /**
   * Gives a passkey another name; false when the account has no such passkey.
   * @internal takes a transaction of ours
   */
  rename(trx: Trx, passkey: OwnPasskey & { readonly name: string }): Promise<boolean> {
    return renamePasskey(trx, passkey, passkey.name)
  }

  /**
   * Takes a passkey from an account; false when it has no such passkey. After the lock of the
   * account's row.
   * @internal takes a transaction of ours
   */
  async remove(trx: Trx, passkey: OwnPasskey): Promise<boolean> {
    if (!(await deletePasskey(trx, passkey))) return false
    const count = await countPasskeys(trx, passkey.userId)
    await notePasskeys(trx, passkey.userId, { at: this.#parts.clock.now(), count })
    return true
  }

  /**
   * Takes every passkey from an account; how many there were. After the lock of the account's row.
   * @internal takes a transaction of ours
   */
  async removeAll(trx: Trx, userId: string): Promise<number> {
    const count = await deletePasskeys(trx, userId)
    await notePasskeys(trx, userId, { at: this.#parts.clock.now(), count: 0 })
    return count
  }

  /** Options for `navigator.credentials.get`. Without `userId` whoever answers may sign in. */
  async request(request: AssertionRequest): Promise<{ readonly options: CredentialOptions }> {
    const { kind, userId } = request
    const allowed =
      userId === undefined ? undefined : await findPasskeys(this.#parts.database.reader, userId)
    const challenge = await this.#ceremonies.open(request)
    const userVerification = this.#mustVerifyUser(kind) ? 'required' : 'preferred'
    return { options: requestOptions({ site: this.#site, challenge, allowed, userVerification }) }
  }

  /**
   * Verifies what a browser answered to {@link request}: by a passkey of the account where one was
   * named, with the origin and the host of `baseUrl`, by an authenticator that checked its user unless
   * the options spare that. Spends the challenge first, in a transaction of its own; never throws for
   * anything that `response` holds.
   */
  async verifyAssertion(sent: SentAssertion): Promise<AssertionVerdict> {
    const response = readAssertion(sent.response)
    const data = response && readClientData(response.clientDataJson)
    if (!response || !data) return refused
    if (!(await this.#spend(data, sent))) return refused
    const passkey = await this.#signer(response, sent)
    if (!passkey) return refused
    const verified = await verifyAssertion(response, passkey, {
      site: this.#site,
      challenge: data.challenge,
      requireUserVerification: this.#mustVerifyUser(sent.kind),
    })
    if (!verified) return refused
    if (!hasGrown(passkey, verified.counter)) return this.#refuseClone(passkey, sent.origin)
    return { ok: true, passkey, ...verified, factor: verified.userVerified ? 'passkey' : 'key' }
  }

  /**
   * Notes a proven use. Nothing may rest on the proof unless this answers `used`: not when the passkey
   * was taken away meanwhile, and not when another signature with this counter or a later one came
   * first. Of that the caller tells by {@link noteClone}, in a transaction that nothing undoes.
   * @internal takes a transaction of ours
   */
  async use(trx: Trx, { counter, passkey, ...proof }: PasskeyProof): Promise<PasskeyUse> {
    const backed_up = proof.backedUp ? 1 : 0
    const backup_eligible = proof.backupEligible ? 1 : 0
    const use = { counter, backed_up, backup_eligible, last_used_at: this.#parts.clock.now() }
    if (await usePasskey(trx, passkey.id, use)) return 'used'
    const kept = await findPasskeyByCredential(trx, passkey.credential_hash)
    return kept?.id === passkey.id ? 'cloned' : 'gone'
  }

  /**
   * Raises the alarm: this passkey signed twice with one counter.
   * @internal takes a transaction of ours
   */
  noteClone(trx: Trx, { id, user_id }: PasskeyRow, origin: Origin | undefined): Promise<void> {
    return this.#parts.recorder.record(trx, {
      name: 'passkey.cloned',
      actor: { kind: 'anonymous' },
      resource: { kind: 'passkey', id },
      outcome: 'refused',
      ...(origin ? { origin } : {}),
      payload: { userId: user_id, passkeyId: id },
    })
  }

  /** The job that forgets challenges that have ended. */
  sweep(signal?: AbortSignal): Promise<void> {
    return this.#ceremonies.sweep(signal)
  }

  /** A passkey alone is two factors only when the authenticator checked who holds it. */
  #mustVerifyUser(kind: AssertionKind): boolean {
    return kind === 'sign_in' || this.#site.userVerification === 'required'
  }

  async #spend(data: ClientData, ceremony: Ceremony): Promise<boolean> {
    return !data.framed && (await this.#ceremonies.spend(data.challenge, ceremony))
  }

  /** The passkey that claims to have signed, if it may answer this request. */
  async #signer(response: AssertionResponse, sent: SentAssertion): Promise<PasskeyRow | undefined> {
    const { reader } = this.#parts.database
    const passkey = await findPasskeyByCredential(reader, hashToken(response.id))
    if (!passkey || passkey.credential_id !== response.id) return undefined
    if (sent.userId !== undefined && passkey.user_id !== sent.userId) return undefined
    const handle = response.userHandle
    if (!handle) return sent.kind === 'sign_in' ? undefined : passkey
    return handle.equals(userHandle(passkey.user_id)) ? passkey : undefined
  }

  async #refuseClone(cloned: PasskeyRow, origin: Origin | undefined): Promise<AssertionVerdict> {
    const { database } = this.#parts
    await database.transaction((trx) => this.noteClone(trx, cloned, origin))
    return { ok: false, cloned }
  }
}

/** Section 6.1.1: it grows with each signature, or stays 0 where the authenticator keeps none. */
function hasGrown({ counter: seen }: PasskeyRow, counter: number): boolean {
  return counter > seen || (counter === 0 && seen === 0)
}
