import { commonErrors, SecurityError } from './errors/index.ts'
import {
  type Answer,
  type Auth,
  answerOfProblem,
  type Call,
  type CallLimits,
  type Exchange,
  isCanonicalPath,
  type Route,
  type RouteMatch,
  Router,
  readCall,
} from './http/index.ts'
import { answerWithProblemPage, type PageLanguage, seeOther } from './pages/index.ts'
import type { Clock, Logger } from './ports/index.ts'
import {
  csrfErrors,
  demandOwnLevel,
  enforcePolicy,
  enforceStepUp,
  matchesCsrfField,
  requireAuth,
} from './shield/index.ts'

export interface AppParts {
  readonly routes: readonly Route[]
  readonly limits: CallLimits
  readonly clock: Clock
  readonly logger: Logger
  readonly appName: string
  /** Of the pages. */
  readonly language: PageLanguage
  /** First segment of the account's pages; they send anonymous visitors to its `/sign-in`. */
  readonly accountPath: string
  readonly csrfToken: (sessionId: string) => string
  /** The caller as a member of the organisation that a route names, under its policy; throws where there is none. */
  readonly enterOrganisation: (
    auth: Auth,
    reference: string,
    exchange: Exchange,
  ) => Auth | Promise<Auth>
  /** How recent a proof routes with `stepUp` ask for. */
  readonly stepUpMs: number
  /** Whether the log says what a 403 was about; meant for development. */
  readonly explains?: boolean
  /** Told of every refusal, for the record. */
  readonly noteRefusal: (error: unknown) => void
}

type RouteParams = Readonly<Record<string, string>>

const nowhere: RouteMatch = Object.freeze({ kind: 'none' })

/** Holdfast's own HTTP API: finds the route, asks its policy, reads the call, answers. */
export class App {
  readonly routes: readonly Route[]
  readonly #parts: AppParts
  readonly #router: Router

  constructor(parts: AppParts) {
    this.#parts = parts
    this.routes = parts.routes
    this.#router = new Router(parts.routes)
  }

  /** Answers a request that has passed the pipeline. Never rejects. */
  async answer(exchange: Exchange): Promise<Answer> {
    // What has another spelling reaches no route, not even as the text of a parameter.
    const match = isCanonicalPath(exchange.path)
      ? this.#router.match(exchange.method, exchange.path)
      : nowhere
    if (match.kind === 'none') return this.#refuse(commonErrors.not_found(), exchange)
    if (match.kind === 'method') return this.#refuseMethod(match.allow, exchange)
    const { params, route } = match
    try {
      await this.#enter(route, exchange, params)
      this.#admit(route, exchange)
      const call = await readCall(route, exchange, { params, limits: this.#parts.limits })
      this.#checkField(call)
      const handle = route.handle as (call: Call) => Promise<Answer>
      return await handle(call)
    } catch (error) {
      return this.#refuse(error, exchange, route)
    }
  }

  /** The level that policy demands of the account is asked first: below it, nothing is told of organisations. */
  async #enter({ policy }: Route, exchange: Exchange, params: RouteParams): Promise<void> {
    if (policy.kind !== 'member') return
    const auth = requireAuth(exchange)
    demandOwnLevel(auth)
    const reference = params['organisation'] ?? ''
    exchange.state.auth = await this.#parts.enterOrganisation(auth, reference, exchange)
  }

  #admit({ policy, stepUp }: Route, exchange: Exchange): void {
    enforcePolicy(exchange, policy)
    const { clock, stepUpMs } = this.#parts
    if (stepUp) enforceStepUp(exchange, { now: clock.now(), withinMs: stepUpMs })
  }

  #refuseMethod(allow: readonly string[], exchange: Exchange): Answer {
    const methods = [...allow, ...(allow.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
    if (exchange.method === 'OPTIONS') return { status: 204, headers: { allow: methods } }
    return this.#refuse(commonErrors.method_not_allowed({ headers: { allow: methods } }), exchange)
  }

  /** The CSRF token of a form, where nothing else told where the request came from. */
  #checkField({ auth, body, exchange }: Call): void {
    if (!exchange.state.csrfPending || !auth) return
    if (!matchesCsrfField(body, this.#parts.csrfToken(auth.sessionId))) {
      throw csrfErrors.csrf_refused()
    }
  }

  #refuse(error: unknown, exchange: Exchange, route?: Route): Answer {
    this.#parts.noteRefusal(error)
    this.#log(error, exchange)
    return route?.kind === 'page'
      ? this.#page(error, exchange, route)
      : answerOfProblem(error, exchange.requestId)
  }

  /** A 503 is a state that was foreseen: one short line each. Anything else above is a fault of ours. */
  #log(error: unknown, { method, path, requestId }: Exchange): void {
    const where = { method, path, requestId }
    const { explains, logger } = this.#parts
    if (!(error instanceof SecurityError) || (error.status >= 500 && error.status !== 503)) {
      logger.error('a route failed', { ...where, error })
    } else if (explains && error.status === 403 && isExplained(error)) {
      logger.info(`403: ${error.message}`, where)
    } else if (error.status === 503) {
      const cause = error.cause instanceof Error ? error.cause.message : undefined
      logger.warn('a route is unavailable', { ...where, reason: error.code, cause })
    }
  }

  #page(error: unknown, exchange: Exchange, route: Route): Answer {
    const { accountPath, appName, language } = this.#parts
    const context = { appName, language, home: accountPath }
    const isRefused = error instanceof SecurityError && error.status === 401
    if (!isRefused || route.policy.kind === 'public') {
      return answerWithProblemPage(error, exchange, context)
    }
    const prove = error.code === 'step_up_required' ? this.#provePage(exchange, error) : undefined
    if (exchange.method !== 'GET') {
      const way = prove === undefined ? {} : { prove }
      return answerWithProblemPage(error, exchange, { ...context, ...way })
    }
    const next = encodeURIComponent(exchange.path)
    return seeOther(prove ?? `${accountPath}/sign-in?next=${next}`)
  }

  /**
   * Where a proof is given, or a second factor set up where one is demanded and there is none, and back
   * to this page, or to the account where there is none.
   */
  #provePage({ path, query }: Exchange, { extras }: SecurityError): string {
    const { accountPath } = this.#parts
    const page = query === '' ? path : `${path}?${query}`
    const next = this.#router.match('GET', path).kind === 'route' ? page : accountPath
    const level = extras.members?.enrol ? '&level=2' : ''
    return `${accountPath}/prove?next=${encodeURIComponent(next)}${level}`
  }
}

/** Whether the message says more than the answer. */
function isExplained({ code, extras }: SecurityError): boolean {
  return code === 'forbidden' || extras.explanation !== undefined
}
