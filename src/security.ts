import type { Access, CustomRoles } from './access/index.ts'
import type { UserAdministration } from './admin/index.ts'
import type { ApiKeys, ServiceAccounts } from './api-keys/index.ts'
import type { AppTransaction, AuditEntry } from './audit/index.ts'
import {
  eventDefinitions,
  prefixesOf,
  type Running,
  type StartOptions,
  startRunning,
  stopRunning,
} from './composition/index.ts'
import {
  type Config,
  type Relaxation,
  relaxations,
  resolveConfig,
  type SecurityOptions,
} from './config/index.ts'
import type { CspReports } from './csp/index.ts'
import type { Enrolment } from './enrolment/index.ts'
import { defineErrors, SecurityError } from './errors/index.ts'
import { type EventName, type Listener, refuseUnknownEvent } from './events/index.ts'
import {
  type Answer,
  type Auth,
  answerOfProblem,
  compileTrustedProxies,
  type Exchange,
  ownPath,
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
import { runPipeline } from './shield/index.ts'
import type { SignIn } from './sign-in/index.ts'
import type { SignUp } from './sign-up/index.ts'
import type { FieldEncryption, RequestSignatures } from './signatures/index.ts'
import type { Uploads } from './uploads/index.ts'
import { type HandledWebhook, Webhooks } from './webhooks/index.ts'

/** Errors of starting and stopping. */
export const securityErrors = defineErrors({
  not_ready: {
    status: 503,
    title: 'Not ready',
    detail: 'The service is starting. Try again shortly.',
  },
})

/** A refusal or an answer of ours, or the word that the request belongs to the app. */
export type Entry = { readonly kind: 'answer'; readonly answer: Answer } | { readonly kind: 'app' }

const proceed: Entry = Object.freeze({ kind: 'app' })

/**
 * Everything Holdfast does, for one app. Made by `createSecurity`; two of them in one process share
 * nothing. Nothing is opened before `ready()`, which the adapters call by themselves.
 */
export class Security {
  /** The options, checked, with every default filled in; frozen. */
  readonly config: Config
  #running: Running | undefined
  #starting: Promise<void> | undefined
  #closed = false
  #trusted: TrustedProxies | undefined
  readonly #early: (() => void)[] = []

  constructor(options: SecurityOptions) {
    this.config = resolveConfig(options)
    this.webhooks = new Webhooks({
      clock: this.config.clock,
      handled: this.#handled,
      deliveries: () => this.#get().rooms.webhookDeliveries,
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
    this.#starting ??= this.#start({ jobs, told }).catch((error) => {
      this.#starting = undefined
      throw error
    })
    return this.#starting
  }

  /** Accounts: make, invite, find, give roles, disable, lock, end their sessions, erase. */
  get users(): UserAdministration {
    return this.#get().rooms.users
  }

  /** Accounts from another system, as `holdfast import` brings them. */
  get imports(): UserImports {
    return this.#get().rooms.imports
  }

  /** Sign-in without HTTP; the same rules and the same record. */
  get signIn(): SignIn {
    return this.#get().rooms.signIn
  }

  /** Registration without HTTP; the same rules, limits and silence about known addresses. */
  get signUp(): SignUp {
    return this.#get().rooms.signUp
  }

  /** Forgotten passwords, and what owners change, without HTTP; the same rules and the same record. */
  get recovery(): Recovery {
    return this.#get().rooms.recovery
  }

  /** Second factors without HTTP: what an account has, and how its owner changes it; the same fresh proof. */
  get factors(): Enrolment {
    return this.#get().rooms.enrolment
  }

  /** Sessions after sign-in: refresh, list, end. */
  get sessions(): Sessions {
    return this.#get().rooms.sessions
  }

  /** Roles and what they permit. Who holds which role is changed through `users`. */
  get access(): Access {
    return this.#get().rooms.access
  }

  /** Organisations: tenants with members, roles of their own and a policy of their own. */
  get organisations(): Organisations {
    return this.#get().rooms.organisations
  }

  /** API keys: made, listed, rotated and revoked, with the same rules and record as over HTTP. */
  get apiKeys(): ApiKeys {
    return this.#get().rooms.apiKeys
  }

  /** Accounts of programs, and the roles of organisations as owners of keys. */
  get serviceAccounts(): ServiceAccounts {
    return this.#get().rooms.serviceAccounts
  }

  /** Roles that are made, changed and removed while the app runs. */
  get roles(): CustomRoles {
    return this.#get().rooms.customRoles
  }

  /** What browsers report about the Content-Security-Policy, and the policy that follows from it. */
  get csp(): CspReports {
    return this.#get().rooms.csp
  }

  /** Rules about addresses: who may reach what, changed while the app runs. */
  readonly ipRules: IpRuleBook = ipRuleBook(() => this.#get().ground.ipRules)

  /** Limits by policy: those of Holdfast and those of the option `limits.policies`. */
  get limits(): Limits {
    return this.#get().ground.limits
  }

  /** Signed requests (RFC 9421) without an adapter's verb. */
  get signatures(): RequestSignatures {
    return this.#get().rooms.signatures
  }

  /** Files that were received: given out, removed, or received without an adapter's verb. */
  get uploads(): Uploads {
    return this.#get().rooms.uploads
  }

  /** Fields that browsers have encrypted to this service. */
  get fields(): FieldEncryption {
    return this.#get().rooms.fields
  }

  /** What the shield refuses, and what it would refuse of requests that its modes let pass. */
  get shield(): ShieldWatch {
    return this.#get().ground.shield
  }

  /** Deliveries of other services, without an adapter's verb: set up, verified, listed, retried. */
  readonly webhooks: Webhooks
  readonly #handled = new Map<string, HandledWebhook>()

  /** The app's own records: `record(entry)` or, inside its transaction, `record(entry, { tx })`. */
  readonly audit = Object.freeze({
    record: (entry: AuditEntry, options: { readonly tx?: AppTransaction } = {}): Promise<void> =>
      this.#get().ground.audit.write(entry, options.tx),
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
      const { authenticator } = this.#get().rooms
      const outcome = await authenticator.bearer({ token, background: true })
      return outcome instanceof SecurityError
        ? { ok: false, error: outcome }
        : { ok: true, auth: outcome }
    },
  })

  /** The mails of a development server that has no SMTP; undefined everywhere else. */
  get mailbox(): DevelopmentMailbox | undefined {
    return this.#get().ground.mailbox
  }

  /** The routes of Holdfast's own API, for `holdfast routes` and OpenAPI. */
  get routes(): readonly Route[] {
    return this.#get().app.routes
  }

  /** Paths that Holdfast answers itself. */
  get prefixes(): readonly string[] {
    return prefixesOf(this.config)
  }

  /** Listens to an event after its commit; the returned function ends it. Unknown names throw. */
  on<N extends EventName>(name: N, listener: Listener<N>): () => void {
    refuseUnknownEvent(eventDefinitions, name)
    if (this.#running) return this.#running.ground.bus.on(name, listener)
    let end = () => {}
    this.#early.push(() => {
      end = this.#get().ground.bus.on(name, listener)
    })
    return () => end()
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
    const { pipeline } = this.#get().surface
    const { nonce, secure } = pipeline
    const facts = { secure, authenticated: true, page: true, nonce }
    const list = pipeline.headers.forResponse(facts)
    return Object.fromEntries(
      list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? '']] : [])),
    )
  }

  /** Passes a request through the pipeline and answers it when it is refused or ours. */
  enter(exchange: Exchange): Entry | Promise<Entry> {
    const running = this.#running
    if (!running) return this.#enterLate(exchange)
    const result = runPipeline(exchange, running.surface.pipeline)
    if (result instanceof Promise) return result.then((answer) => this.#route(exchange, answer))
    return this.#route(exchange, result)
  }

  /**
   * The parts that adapters need beyond `enter`. Left out of the declarations.
   * @internal
   */
  get parts(): Running {
    return this.#get()
  }

  /**
   * The same, undefined before they run and after `close`.
   * @internal for adapters
   */
  get running(): Running | undefined {
    return this.#running
  }

  /**
   * Does `work` once the parts run: now, or when `ready()` has made them.
   * @internal for adapters
   */
  whenRunning(work: () => void): void {
    if (this.#running) work()
    else this.#early.push(work)
  }

  /** Stops jobs, writes what waits, closes the database. Leaves no timer and no handle. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#starting?.catch(() => {})
    const running = this.#running
    if (!running) return
    this.#running = undefined
    await stopRunning(running)
  }

  async #start(start: Omit<StartOptions, 'webhooks'>): Promise<void> {
    if (this.#closed) throw securityErrors.not_ready({ explanation: 'close() was called' })
    this.#running = await startRunning(this.config, { ...start, webhooks: this.#handled })
    for (const subscribe of this.#early.splice(0)) subscribe()
  }

  #route(exchange: Exchange, answer: Answer | undefined): Entry | Promise<Entry> {
    if (answer) return { kind: 'answer', answer }
    const { app, surface } = this.#get()
    const owner = ownPath(exchange.path, surface.prefixes)
    if (owner === 'other') return proceed
    return app.answer(exchange).then((own) => ({ kind: 'answer', answer: own }))
  }

  async #enterLate(exchange: Exchange): Promise<Entry> {
    try {
      await this.ready()
      // After close() there is nothing to be ready: the request must not come round again.
      this.#get()
    } catch (error) {
      this.config.logger.error('the security could not start', { error })
      const refusal = securityErrors.not_ready({ retryAfter: 1, cause: error })
      return { kind: 'answer', answer: answerOfProblem(refusal, exchange.requestId) }
    }
    return this.enter(exchange)
  }

  #get(): Running {
    if (this.#running) return this.#running
    const explanation = 'call `await security.ready()` before using it, and not after close()'
    throw securityErrors.not_ready({ retryAfter: 1, explanation })
  }
}

/** Makes the security of an app. Throws `invalid_configuration`, which lists every mistake. */
export function createSecurity(options: SecurityOptions): Security {
  return new Security(options)
}
