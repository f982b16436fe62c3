import type { Access, CustomRoles } from './access/index.ts'
import type { UserAdministration } from './admin/index.ts'
import type { ApiKeys, ServiceAccounts } from './api-keys/index.ts'
import type { AppTransaction, AuditEntry } from './audit/index.ts'
import { Lifecycle, prefixesOf, type Running } from './composition/index.ts'
import {
  type Config,
  type Relaxation,
  relaxations,
  resolveConfig,
  type SecurityOptions,
} from './config/index.ts'
import type { CspReports } from './csp/index.ts'
import type { Enrolment } from './enrolment/index.ts'
import { SecurityError } from './errors/index.ts'
import type { EventName, Listener } from './events/index.ts'
import {
  type Auth,
  compileTrustedProxies,
  type Entry,
  type Exchange,
  type Route,
  type TrustedProxies,
} from './http/index.ts'
import type { UserImports } from './imports/index.ts'
import {
  type InputCheck,
  type InputSchemas,
  type ValidateOptions,
  validateWith,
} from './input/index.ts'
import { type IpRuleBook, ipRuleBook } from './ip-rules/index.ts'
import type { Limits } from './limits/index.ts'
import type { DevelopmentMailbox } from './mail/index.ts'
import type { Organisations } from './organisations/index.ts'
import type { Recovery } from './recovery/index.ts'
import type { Sessions } from './sessions/index.ts'
import type { ShieldWatch } from './shadow/index.ts'
import type { SignIn } from './sign-in/index.ts'
import type { SignUp } from './sign-up/index.ts'
import type { FieldEncryption, RequestSignatures } from './signatures/index.ts'
import type { Uploads } from './uploads/index.ts'
import { type HandledWebhook, Webhooks } from './webhooks/index.ts'

export type { Entry } from './http/index.ts'

/**
 * Everything Holdfast does, for one app. Made by `createSecurity`; two of them in one process share
 * nothing. Nothing is opened before `ready()`, which the adapters call by themselves.
 */
export class Security {
  /** The options, checked, with every default filled in; frozen. */
  readonly config: Config
  readonly #life: Lifecycle
  #trusted: TrustedProxies | undefined

  constructor(options: SecurityOptions) {
    this.config = resolveConfig(options)
    const handled = new Map<string, HandledWebhook>()
    this.#life = new Lifecycle(this.config, handled)
    this.webhooks = new Webhooks({
      clock: this.config.clock,
      handled,
      deliveries: () => this.parts.rooms.webhookDeliveries,
      whenRunning: (work) => this.whenRunning(work),
    })
  }

  /** What the options have made weaker than the defaults, each with its meaning. */
  get relaxations(): readonly Relaxation[] {
    return relaxations(this.config)
  }

  /**
   * The proxies whose word about the client is taken.
   * @internal for adapters
   */
  get trustedProxies(): TrustedProxies {
    this.#trusted ??= compileTrustedProxies(this.config.trustedProxies)
    return this.#trusted
  }

  /**
   * Opens the database, runs pending migrations once across nodes, starts jobs. Safe to repeat; the
   * first call decides. A process that lives for one command says `{ jobs: false }` and leaves mail
   * and cleaning to the servers. What is weaker than its default is logged as a warning, unless
   * `{ told: true }` says that the operator has been told.
   */
  ready(options: { readonly jobs?: boolean; readonly told?: boolean } = {}): Promise<void> {
    const { jobs = true, told = false } = options
    return this.#life.start({ jobs, told })
  }

  /** Accounts: make, invite, find, give roles, disable, lock, end their sessions, erase. */
  get users(): UserAdministration {
    return this.parts.rooms.users
  }

  /** Accounts from another system, as `holdfast import` brings them. */
  get imports(): UserImports {
    return this.parts.rooms.imports
  }

  /** Sign-in without HTTP; the same rules and the same record. */
  get signIn(): SignIn {
    return this.parts.rooms.signIn
  }

  /** Registration without HTTP; the same rules, limits and silence about known addresses. */
  get signUp(): SignUp {
    return this.parts.rooms.signUp
  }

  /** Forgotten passwords, and what owners change, without HTTP; the same rules and the same record. */
  get recovery(): Recovery {
    return this.parts.rooms.recovery
  }

  /** Second factors without HTTP: what an account has, and how its owner changes it; the same fresh proof. */
  get factors(): Enrolment {
    return this.parts.rooms.enrolment
  }

  /** Sessions after sign-in: refresh, list, end. */
  get sessions(): Sessions {
    return this.parts.rooms.sessions
  }

  /** Roles and what they permit. Who holds which role is changed through `users`. */
  get access(): Access {
    return this.parts.rooms.access
  }

  /** Organisations: tenants with members, roles of their own and a policy of their own. */
  get organisations(): Organisations {
    return this.parts.rooms.organisations
  }

  /** API keys: made, listed, rotated and revoked, with the same rules and record as over HTTP. */
  get apiKeys(): ApiKeys {
    return this.parts.rooms.apiKeys
  }

  /** Accounts of programs, and the roles of organisations as owners of keys. */
  get serviceAccounts(): ServiceAccounts {
    return this.parts.rooms.serviceAccounts
  }

  /** Roles that are made, changed and removed while the app runs. */
  get roles(): CustomRoles {
    return this.parts.rooms.customRoles
  }

  /** What browsers report about the Content-Security-Policy, and the policy that follows from it. */
  get csp(): CspReports {
    return this.parts.rooms.csp
  }

  /** Rules about addresses: who may reach what, changed while the app runs. */
  readonly ipRules: IpRuleBook = ipRuleBook(() => this.parts.ground.ipRules)

  /** Limits by policy: those of Holdfast and those of the option `limits.policies`. */
  get limits(): Limits {
    return this.parts.ground.limits
  }

  /** Signed requests (RFC 9421) without an adapter's verb. */
  get signatures(): RequestSignatures {
    return this.parts.rooms.signatures
  }

  /** Files that were received: given out, removed, or received without an adapter's verb. */
  get uploads(): Uploads {
    return this.parts.rooms.uploads
  }

  /** Fields that browsers have encrypted to this service. */
  get fields(): FieldEncryption {
    return this.parts.rooms.fields
  }

  /** What the shield refuses, and what it would refuse of requests that its modes let pass. */
  get shield(): ShieldWatch {
    return this.parts.ground.shield
  }

  /** Deliveries of other services, without an adapter's verb: set up, verified, listed, retried. */
  readonly webhooks: Webhooks

  /** The app's own records: `record(entry)` or, inside its transaction, `record(entry, { tx })`. */
  readonly audit = Object.freeze({
    record: (entry: AuditEntry, options: { readonly tx?: AppTransaction } = {}): Promise<void> =>
      this.parts.ground.audit.write(entry, options.tx),
  })

  /** Access tokens that reached the app by another way than a request. */
  readonly tokens = Object.freeze({
    /** Verifies an access token and that its session is live. Never throws for what a token holds. */
    verify: async (
      token: string,
    ): Promise<
      | { readonly ok: true; readonly auth: Auth }
      | { readonly ok: false; readonly error: SecurityError }
    > => {
      const { authenticator } = this.parts.rooms
      const outcome = await authenticator.bearer({ token, background: true })
      return outcome instanceof SecurityError
        ? { ok: false, error: outcome }
        : { ok: true, auth: outcome }
    },
  })

  /** The mails of a development server that has no SMTP; undefined everywhere else. */
  get mailbox(): DevelopmentMailbox | undefined {
    return this.parts.ground.mailbox
  }

  /** The routes of Holdfast's own API, for `holdfast routes` and OpenAPI. */
  get routes(): readonly Route[] {
    return this.parts.app.routes
  }

  /** Paths that Holdfast answers itself. */
  get prefixes(): readonly string[] {
    return prefixesOf(this.config)
  }

  /** Listens to an event after its commit; the returned function ends it. Unknown names throw. */
  on<N extends EventName>(name: N, listener: Listener<N>): () => void {
    return this.#life.on(name, listener)
  }

  /**
   * Prepares the check of input by any Standard Schema, or by `rules`: `validate({ body }).check({ body })`.
   * Throws `schema_invalid` for what is no schema.
   */
  validate<S extends InputSchemas>(schemas: S, options?: ValidateOptions): InputCheck<S> {
    return validateWith(schemas, options)
  }

  /** The security headers of one response, for answers that pass none of our adapters. */
  headers(): Readonly<Record<string, string>> {
    const { pipeline } = this.parts.surface
    const { nonce, secure } = pipeline
    const facts = { secure, authenticated: true, page: true, nonce }
    const list = pipeline.headers.forResponse(facts)
    return Object.fromEntries(
      list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? '']] : [])),
    )
  }

  /** Passes a request through the pipeline and answers it when it is refused or ours. */
  enter(exchange: Exchange): Entry | Promise<Entry> {
    return this.#life.enter(exchange)
  }

  /**
   * The parts that adapters need beyond `enter`. Left out of the declarations.
   * @internal
   */
  get parts(): Running {
    return this.#life.get()
  }

  /**
   * The same, undefined before they run and after `close`.
   * @internal for adapters
   */
  get running(): Running | undefined {
    return this.#life.running
  }

  /**
   * Does `work` once the parts run: now, or when `ready()` has made them.
   * @internal for adapters
   */
  whenRunning(work: () => void): void {
    this.#life.whenRunning(work)
  }

  /** Stops jobs, writes what waits, closes the database. Leaves no timer and no handle. */
  close(): Promise<void> {
    return this.#life.close()
  }
}

/** Makes the security of an app. Throws `invalid_configuration`, which lists every mistake. */
export function createSecurity(options: SecurityOptions): Security {
  return new Security(options)
}
