import type { Request } from 'express'
import type { AttributeValues } from '../../conditions/index.ts'
import type { SecurityError } from '../../errors/index.ts'
import type { Auth, Exchange, RowOptions } from '../../http/index.ts'
import {
  demandFreshProof,
  demandOwnLevel,
  type ProofRule,
  requireAuth,
} from '../../shield/index.ts'
import { type AccessDemand, judgeAccess, noteAccess } from '../node/access-control.ts'
import { bounded, isPromise } from './bounded.ts'
import { setCaller } from './caller.ts'
import { demandObject, visibleObject } from './guard-object.ts'
import type { Awaitable, GuardOptions } from './guard-options.ts'
import { askedOf, enforceRule, permissionFor } from './guard-rule.ts'
import { demandOrganisation, enterOrganisation } from './organisation.ts'
import type { Pair, Parts, RoutePolicyMark } from './types.ts'
import { answerTo, type IsRefusal, Undecided } from './undecided.ts'

/** Everything that one guard asks. */
export interface GateRule {
  readonly asked: RoutePolicyMark
  readonly proof: ProofRule
  readonly options: GuardOptions
}

/** A request that a guard decides on. */
export interface Asking extends Pair {
  readonly exchange: Exchange
}

/** What a decision has found out. */
export interface Admission {
  readonly auth: Auth
  /** What the loader of the guard gave; absent for guards without one. */
  readonly object?: object
}

/**
 * Takes one decision. It throws, or rejects with, the refusal or whatever broke; both refuse. It makes a
 * promise only where the app or the database has to be waited for.
 */
export class Decision {
  readonly #parts: Parts
  readonly #rule: GateRule
  readonly #at: Asking
  /** What would have refused while permissions are in shadow. */
  #lacking: SecurityError | undefined

  constructor(parts: Parts, rule: GateRule, at: Asking) {
    this.#parts = parts
    this.#rule = rule
    this.#at = at
  }

  take(): Awaitable<Admission> {
    const auth = requireAuth(this.#at.exchange)
    const { attributes, object, organisation } = this.#rule.options
    // Nothing is looked up for whoever proved too little.
    if (attributes || object || organisation) demandOwnLevel(auth)
    if (organisation === undefined) return this.#ofCaller(auth)
    if (organisation === true) return this.#ofCaller(demandOrganisation(auth))
    const { exchange, request } = this.#at
    const named = request.params[organisation]
    return this.#after(enterOrganisation(this.#parts, auth, { named, exchange }), (member) => {
      setCaller(this.#parts, this.#at, member)
      return this.#ofCaller(member)
    })
  }

  #ofCaller(auth: Auth): Awaitable<Admission> {
    const { attributes } = this.#rule.options
    if (!attributes) return this.#ofRows(auth, {})
    return this.#afterApp('attributes', attributes, (told) =>
      this.#ofRows(auth, { attributes: checkedAttributes(told) }),
    )
  }

  #ofRows(auth: Auth, options: RowOptions): Awaitable<Admission> {
    const { asked, options: terms } = this.#rule
    const { method } = this.#at.request
    const roles = this.#parts.security.running?.rooms.access.roles
    const isWhole = (role: string) => roles?.isWhole(role) === true
    this.#judge(() => enforceRule(asked, auth, { method, options, isWhole }))
    const permission = permissionFor(asked, method)
    if (!terms.object || permission === undefined) return this.#proven({ auth })
    return this.#afterApp('object', terms.object, (loaded) => {
      const object = visibleObject(loaded, { auth, permission, options })
      this.#judge(() => demandObject(object, { auth, permission, options }))
      return this.#proven({ auth, object })
    })
  }

  #judge(ask: () => void): void {
    const lacking = judgeAccess(this.#demand, ask)
    this.#lacking ??= lacking
  }

  get #demand(): AccessDemand {
    const { exchange, request } = this.#at
    const asked = askedOf(this.#rule.asked, request.method)
    return { security: this.#parts.security, exchange, asked }
  }

  /** Asked last, so that nobody proves what would not help. */
  #proven(admission: Admission): Admission {
    if (this.#lacking) noteAccess(this.#demand, this.#lacking, false)
    const now = this.#parts.security.config.clock.now()
    demandFreshProof(admission.auth, { ...this.#rule.proof, now })
    return admission
  }

  #after<A>(value: Awaitable<A>, next: (value: A) => Awaitable<Admission>): Awaitable<Admission> {
    if (!isPromise(value)) return next(value)
    const { clock } = this.#parts.security.config
    return bounded(value, this.#at.response, clock).then(next)
  }

  /** The same with what a function of the app gives, whose failures choose no status. */
  #afterApp<A>(
    option: 'attributes' | 'object',
    ask: (request: Request) => Awaitable<A>,
    next: (value: A) => Awaitable<Admission>,
  ): Awaitable<Admission> {
    const about = `the option ${option} of a guard`
    const isRefusal: IsRefusal = (thrown) => this.#parts.unreadable.has(thrown as SecurityError)
    const asked = () => settled(ask(this.#at.request), about, isRefusal)
    const value = answerTo(asked, about, isRefusal)
    return this.#after(value, next)
  }
}

/** A promise that fails with `Undecided` or a refusal of the request alone; anything else as it is. */
function settled<A>(value: Awaitable<A>, about: string, isRefusal: IsRefusal): Awaitable<A> {
  if (!isPromise(value)) return value
  return Promise.resolve(value).catch((cause: unknown) => {
    if (isRefusal(cause)) throw cause
    throw new Undecided(`${about} rejected`, { cause })
  })
}

/** A rule that denies by an attribute would deny nothing if nothing were told. */
function checkedAttributes(told: AttributeValues): AttributeValues {
  if (typeof told === 'object' && told !== null && !Array.isArray(told)) return told
  throw new Undecided('the option attributes of a guard gave no object')
}
