import { configurationError, type DetectionConfig } from '../config/index.ts'
import { hmacSha256 } from '../crypto/index.ts'
import type { Database } from '../database/index.ts'
import { type Exchange, redirectTarget } from '../http/index.ts'
import type { Clock, LogFields, Logger } from '../ports/index.ts'
import { fieldName, type ShadowLog } from '../shadow/index.ts'
import type { Blocked } from './blocked.ts'
import { fieldsOfBody } from './body-fields.ts'
import { type CleanPlace, CleanTexts } from './clean-texts.ts'
import { detectionRules, Engine } from './engine.ts'
import { detectionErrors } from './errors.ts'
import { Exemptions } from './exemptions.ts'
import { type Field, fieldsOfHeader, fieldsOfTarget } from './fields.ts'
import { type Exemption, type Finding, type Inspection, workFor } from './tally.ts'
import { fieldsOfText, fieldsOfXml } from './xml-fields.ts'

export interface DetectorParts {
  readonly options: DetectionConfig
  readonly clock: Clock
  readonly database: Database
  readonly logger: Logger
  readonly shadow: ShadowLog
  readonly blocked: Blocked
  /** The longest body of JSON or a form that is taken. */
  readonly bodyBytes: number
  /** Of `baseUrl`: an address of the app itself is no attack on it. */
  readonly ownOrigin: string
  /** Of the hashes that tell values apart in the log. */
  readonly hashKey: Uint8Array
}

/** How a body is read. */
export type InspectedBody = 'json' | 'form' | 'text' | 'xml'

/** Headers that every request of a client repeats, and that are no credentials. */
const repeated = new Set([
  'user-agent',
  'referer',
  'origin',
  'content-type',
  'x-forwarded-for',
  'x-requested-with',
])
/** What is said of a request that costs more to look through than one may. */
const workRule = 'work.exceeded'
const linesPerMinute = 30
const minuteMs = 60_000

/** What was found in a request so far, and what that cost. */
interface Seen {
  points: number
  work: number
  /** What followed was not looked at, and this has been told. */
  isCutShort: boolean
}

/**
 * Looks for attacks in requests, and refuses or counts by its mode. The path, the query and the headers are
 * read in the pipeline; the body where the app's own would be. Their points and their work add up.
 */
export class Detector {
  readonly #parts: DetectorParts
  readonly #engine: Engine
  readonly #mostWork: number
  readonly #exemptions: Exemptions
  readonly #clean = new CleanTexts()
  /** Names of fields that the app itself wrote down. */
  readonly #named: ReadonlySet<string>
  readonly #seen = new WeakMap<Exchange, Seen>()
  #lines = { minute: 0, written: 0 }

  constructor(parts: DetectorParts) {
    this.#parts = parts
    const { bodyBytes, ownOrigin } = parts
    this.#mostWork = workFor(bodyBytes)
    this.#engine = new Engine({ isOwn: (text) => isOwnAddress(text, ownOrigin) })
    checkRuleNames(parts.options)
    this.#exemptions = new Exemptions(parts.options.exempt)
    this.#named = new Set(parts.options.exempt.flatMap(({ fields = [] }) => fields))
  }

  /** Writes what was refused since the last time into the record. */
  flush(): Promise<void> {
    return this.#parts.blocked.flush(this.#parts.database)
  }

  get isOff(): boolean {
    return this.#parts.options.mode === 'off'
  }

  /** Throws 403 `request_suspicious` when path, query, headers and cookies look like an attack. */
  inspectHead(exchange: Exchange): void {
    if (this.isOff) return
    const { headers, path, query } = exchange
    const target = query === '' ? path : `${path}?${query}`
    const known = this.#clean.has('target', target)
    const fields: Field[] = known ? [] : fieldsOfTarget(path, query)
    const fresh: (readonly [CleanPlace, string])[] = known ? [] : [['target', target]]
    for (const name of Object.keys(headers)) {
      const value = headers[name]
      if (value === undefined) continue
      const text = typeof value === 'string' ? value : value.join(', ')
      const keeps = repeated.has(name)
      if (keeps && this.#clean.has(`header.${name}`, text)) continue
      fieldsOfHeader(name, text, fields)
      if (keeps) fresh.push([`header.${name}`, text])
    }
    if (fields.length === 0) return
    const score = this.#judge(exchange, fields)
    if (score === 0) for (const [place, text] of fresh) this.#clean.add(place, text)
  }

  /** The same for a body that was parsed, and for one of text or XML, whose readings may be several. */
  inspectBody(exchange: Exchange, body: unknown, kind: InspectedBody): void {
    if (this.isOff || body === undefined) return
    this.#judge(exchange, fieldsOf(body, kind))
  }

  /** Names that a client gave its files: of the file, its field and its type. */
  inspectFileNames(exchange: Exchange, names: readonly string[]): void {
    if (this.isOff) return
    const fields = names.map((text): Field => ({ kind: 'name', name: 'body.file name', text }))
    if (fields.length > 0) this.#judge(exchange, fields)
  }

  /** Whether a body that nobody showed to the detector is refused: in `block`, unless its path is exempt. */
  refusesUnread({ path }: Exchange): boolean {
    return this.#enforces && this.#exemptions.forPath(path) !== 'everything'
  }

  /** The points that were found; undefined where not all was asked. */
  #judge(exchange: Exchange, fields: Iterable<Field>): number | undefined {
    const exemption = this.#exemptions.forPath(exchange.path)
    if (exemption === 'everything') return undefined
    const seen = this.#seenOf(exchange)
    const found = this.#engine.inspect(fields, exemption, this.#mostWork - seen.work)
    seen.work += found.work
    seen.points += found.score
    if (found.score > 0 && seen.points >= this.#parts.options.threshold) {
      this.#act(exchange, found, seen.points)
    }
    if (found.isCutShort) this.#cutShort(exchange, seen, exemption)
    return exemption || found.isCutShort ? undefined : found.score
  }

  #seenOf(exchange: Exchange): Seen {
    const known = this.#seen.get(exchange)
    if (known) return known
    const fresh = { points: 0, work: 0, isCutShort: false }
    this.#seen.set(exchange, fresh)
    return fresh
  }

  /** What costs too much to look through has not been looked through: in mode `block` it does not pass. */
  #cutShort(exchange: Exchange, seen: Seen, exemption: Exemption | undefined): void {
    if (exemption?.exempts(workRule, 'work', '')) return
    const enforced = this.#enforces
    if (!seen.isCutShort) {
      seen.isCutShort = true
      const { requestId } = exchange
      this.#parts.shadow.note({ control: 'detection', rule: workRule, enforced, exchange })
      this.#write('a request costs too much to look through', () => ({ requestId, enforced }))
    }
    if (!enforced) return
    this.#note(exchange, { rule: workRule, class: 'work', field: '', weight: 0, text: '' })
    throw detectionErrors.inspection_cut_short()
  }

  get #enforces(): boolean {
    return this.#parts.options.mode === 'block'
  }

  #act(exchange: Exchange, { findings }: Inspection, score: number): void {
    const enforced = this.#enforces
    for (const { field, rule } of findings) {
      const noted = { control: 'detection', rule, enforced, exchange, field } as const
      this.#parts.shadow.note({ ...noted, known: this.#named })
    }
    this.#write('a request looks like an attack', () => ({
      ...{ requestId: exchange.requestId, method: exchange.method },
      ...{ ip: exchange.state.client?.ip, score, enforced },
      findings: findings.map((finding) => this.#told(finding)),
    }))
    const [first] = findings
    if (!enforced || first === undefined) return
    this.#note(exchange, { ...first, field: fieldName(first.field, this.#named) })
    throw detectionErrors.request_suspicious()
  }

  #note(exchange: Exchange, finding: Finding): void {
    this.#parts.blocked.note(finding, exchange.state.client?.key ?? '')
  }

  /** A line of the log; what is more than a few a minute is counted and not written. */
  #write(message: string, fieldsOfLine: () => LogFields): void {
    const minute = Math.floor(this.#parts.clock.now() / minuteMs)
    if (minute !== this.#lines.minute) this.#lines = { minute, written: 0 }
    this.#lines.written += 1
    if (this.#lines.written > linesPerMinute) return
    const last = this.#lines.written === linesPerMinute
    const note = 'further ones of this minute are counted and not logged'
    this.#parts.logger.warn(message, { ...fieldsOfLine(), ...(last ? { note } : {}) })
  }

  #told({ field, rule, text }: Finding): object {
    const valueHash = hmacSha256(this.#parts.hashKey, text).toString('hex').slice(0, 16)
    return { rule, field: fieldName(field, this.#named), valueHash }
  }
}

function* fieldsOf(body: unknown, kind: InspectedBody): Generator<Field, void> {
  if (kind === 'json' || kind === 'form') return yield* fieldsOfBody(body, kind)
  const readings: readonly unknown[] = Array.isArray(body) ? body : [body]
  for (const text of readings) {
    yield* kind === 'xml' ? fieldsOfXml(String(text)) : fieldsOfText(String(text))
  }
}

/** An exemption from a rule that does not exist would exempt from nothing, unnoticed. */
function checkRuleNames({ exempt }: DetectionConfig): void {
  const known = new Set(detectionRules.flatMap((rule) => [rule.id, rule.class as string]))
  for (const id of ['traversal.overlong', 'sql.hint', 'header.twice', workRule]) known.add(id)
  const unknown = exempt.flatMap(({ rules = [] }) => rules).filter((rule) => !known.has(rule))
  if (unknown.length === 0) return
  throw configurationError(unknown.map((rule) => `detection.exempt: there is no rule '${rule}'.`))
}

/** An address of the app itself, by the strict reading that redirects have; a path alone is none. */
function isOwnAddress(text: string, ownOrigin: string): boolean {
  return text.startsWith(ownOrigin) && redirectTarget(text, { ownOrigin }) !== undefined
}
