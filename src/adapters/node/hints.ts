import { Lack } from '../../access/index.ts'
import { type SecurityError, suggest } from '../../errors/index.ts'
import type { Exchange, ExplainedRule, Explanation } from '../../http/index.ts'
import { hostCookieName, readCookie, singleHeader } from '../../http/index.ts'
import type { Security } from '../../security.ts'

/** What a guard does beside asking for a permission. */
export interface GuardHelp {
  readonly rows: boolean
  readonly object: boolean
  /** It takes the organisation from the path. */
  readonly organisation: boolean
}

/** One refusal that a developer may be puzzled by. */
export interface Puzzle {
  readonly exchange: Exchange
  readonly refusal: SecurityError
  readonly guard: GuardHelp
}

const pauseMs = 60_000
const mostKeys = 200

/**
 * Says in the log of a development server what a refusal may be down to: one line a minute for each route
 * and cause. Lines hold words of the app's own code and options alone, and nothing that a request said.
 */
export class Hints {
  readonly #security: Security
  /** When what was said last, bounded. */
  readonly #said = new Map<string, number>()

  constructor(security: Security) {
    this.#security = security
  }

  /** Hears of a refusal. In production it does nothing. */
  about(puzzle: Puzzle): void {
    if (this.#security.config.mode !== 'development') return
    for (const hint of hintsFor(puzzle, this.#security)) this.#say(hint, puzzle.exchange)
  }

  #say(hint: string, exchange: Exchange): void {
    const { clock, logger } = this.#security.config
    const route = this.#security.running?.ground.shieldRoutes.nameOf(exchange) ?? exchange.method
    const key = `${route} ${hint}`
    const now = clock.now()
    if (now - (this.#said.get(key) ?? -pauseMs) < pauseMs) return
    if (this.#said.size >= mostKeys) this.#forget(now)
    if (this.#said.size >= mostKeys) return
    this.#said.set(key, now)
    logger.info(`hint: ${hint}`, { route, requestId: exchange.requestId })
  }

  #forget(now: number): void {
    for (const [key, at] of this.#said) if (now - at >= pauseMs) this.#said.delete(key)
  }
}

function hintsFor(puzzle: Puzzle, security: Security): readonly string[] {
  const { extras } = puzzle.refusal
  const lack = extras.cause instanceof Lack ? extras.cause : undefined
  return [
    ...aboutCredentials(puzzle, security),
    ...aboutOrganisation(puzzle, security, lack?.explanation.reason),
    ...(lack ? aboutRules(puzzle.guard, lack) : []),
  ]
}

function aboutCredentials({ exchange, refusal }: Puzzle, { config }: Security): readonly string[] {
  const { headers, state } = exchange
  if (refusal.status !== 401 && refusal.status !== 403) return []
  const [bearer, key] = [headers.authorization, headers['x-api-key']]
  if (bearer !== undefined && key !== undefined && state.failure) {
    return ['Authorization and X-API-Key hold two credentials, so neither counts: send one of them']
  }
  const name = hostCookieName('hf_session', config.cookies)
  const cookie = readCookie(singleHeader(headers, 'cookie'), name)
  if (cookie === undefined || (bearer === undefined && key === undefined)) return []
  const used = key === undefined ? 'Authorization' : 'X-API-Key'
  return [`the request has a session cookie too: ${used} alone was judged`]
}

/** A role of an organisation counts only where the request names it. */
function aboutOrganisation(
  { exchange, guard, refusal }: Puzzle,
  { config }: Security,
  reason: Explanation['reason'] | undefined,
): readonly string[] {
  const { from, header } = config.organisations
  const { auth, organisation } = exchange.state
  const isUnnamed = organisation === undefined && !guard.organisation
  if (refusal.code === 'organisation_not_found' && !isUnnamed) {
    return [`the organisation that ${placeOf(guard, config)} names is none of the caller's: ${why}`]
  }
  const isLack = refusal.code === 'forbidden' || (refusal.code === 'not_found' && reason)
  const mayHelp = reason === undefined || reason === 'no_rule' || reason === 'condition'
  const isPuzzling = refusal.code === 'organisation_not_found' || (isLack && mayHelp)
  if (!isPuzzling || !isUnnamed || from === 'route' || auth?.keyId !== undefined) return []
  const isNear = from === 'header' && suggest(header, Object.keys(exchange.headers)) !== undefined
  const near = isNear ? '; a header of nearly that name was sent' : ''
  return [
    `${placeOf(guard, config)} names no organisation, so roles that are held in one do not count${near}`,
  ]
}

const why = 'there is none of that name, it is closed, or the caller is no member'

function placeOf(guard: GuardHelp, { organisations }: Security['config']): string {
  if (guard.organisation) return 'the path'
  return organisations.from === 'header' ? `the header ${organisations.header}` : 'the host'
}

function aboutRules(guard: GuardHelp, { explanation, told }: Lack): readonly string[] {
  const rules = undecidedRules(explanation)
  const untold = [...new Set(rules.flatMap(({ when }) => attributesIn(when)))].filter(
    (name) => !told.includes(name),
  )
  const isPlain = !guard.rows && !guard.object && rules.some(isAboutRows)
  return [
    ...(untold.length > 0
      ? [`the guard was told no value of ${untold.join(', ')}: give it the option attributes`]
      : []),
    ...(isPlain
      ? [`${nameOf(rules.find(isAboutRows))} is about some rows: give the guard rows or object`]
      : []),
  ]
}

/** The rules whose conditions the answer hung on. */
function undecidedRules({ reason, rule, rules }: Explanation): readonly ExplainedRule[] {
  if (reason === 'denied') return rule ? [rule] : []
  return reason === 'condition' ? rules.filter(({ effect }) => effect === 'allow') : []
}

function isAboutRows({ met, when }: ExplainedRule): boolean {
  return when !== undefined && met === undefined
}

function nameOf(rule: ExplainedRule | undefined): string {
  return rule ? `${rule.pattern} of the role ${rule.role}` : 'a rule'
}

/** The attributes that a condition compares with. */
function attributesIn(when: unknown): readonly string[] {
  if (typeof when !== 'object' || when === null) return []
  const own = 'attribute' in when && typeof when.attribute === 'string' ? [when.attribute] : []
  return [...own, ...Object.values(when).flatMap(attributesIn)]
}
