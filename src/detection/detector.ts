import { configurationError, type DetectionConfig } from '../config/index.ts'
import { hmacSha256 } from '../crypto/index.ts'
import type { Database } from '../database/index.ts'
import type { Exchange } from '../http/index.ts'
import type { Clock, Logger } from '../ports/index.ts'
import { fieldName, type ShadowLog } from '../shadow/index.ts'
import type { Blocked } from './blocked.ts'
import { fieldsOfBody } from './body-fields.ts'
import { type CleanPlace, CleanTexts } from './clean-texts.ts'
import { detectionRules, Engine, type Finding, type Inspection } from './engine.ts'
import { detectionErrors } from './errors.ts'
import { Exemptions } from './exemptions.ts'
import { type Field, fieldsOfHeader, fieldsOfTarget } from './fields.ts'
import { fieldsOfText, fieldsOfXml } from './xml-fields.ts'

export interface DetectorParts {
  readonly options: DetectionConfig
  readonly clock: Clock
  readonly database: Database
  readonly logger: Logger
  readonly shadow: ShadowLog
  readonly blocked: Blocked
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
const linesPerMinute = 30
const minuteMs = 60_000

/**
 * Looks for attacks in requests, and refuses or counts by its mode. The path, the query and the headers are
 * read in the pipeline; the body where the app's own would be. Their points add up.
 */
export class Detector {
  readonly #parts: DetectorParts
  readonly #engine = new Engine()
  readonly #exemptions: Exemptions
  readonly #clean = new CleanTexts()
  /** Names of fields that the app itself wrote down. */
  readonly #named: ReadonlySet<string>
  readonly #points = new WeakMap<Exchange, number>()
  #lines = { minute: 0, written: 0 }

  constructor(parts: DetectorParts) {
    this.#parts = parts
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

  /** The same for a body that was parsed, and for one of text or XML. */
  inspectBody(exchange: Exchange, body: unknown, kind: InspectedBody): void {
    if (this.isOff || body === undefined) return
    const fields = fieldsOf(body, kind)
    if (fields.length > 0) this.#judge(exchange, fields)
  }

  /** Names that a client gave its files: of the file, its field and its type. */
  inspectFileNames(exchange: Exchange, names: readonly string[]): void {
    if (this.isOff) return
    const fields = names.map((text): Field => ({ kind: 'name', name: 'body.file name', text }))
    if (fields.length > 0) this.#judge(exchange, fields)
  }

  /** Whether a body that nobody showed to the detector is refused: in `block`, unless its path is exempt. */
  refusesUnread({ path }: Exchange): boolean {
    return this.#parts.options.mode === 'block' && this.#exemptions.forPath(path) !== 'everything'
  }

  /** The points that were found; undefined where not all was asked. */
  #judge(exchange: Exchange, fields: readonly Field[]): number | undefined {
    const exemption = this.#exemptions.forPath(exchange.path)
    if (exemption === 'everything') return undefined
    const found = this.#engine.inspect(fields, exemption)
    if (found.score === 0) return exemption ? undefined : 0
    const before = this.#points.get(exchange) ?? 0
    const score = before + found.score
    this.#points.set(exchange, score)
    if (score >= this.#parts.options.threshold) this.#act(exchange, found, score)
    return found.score
  }

  #act(exchange: Exchange, { findings }: Inspection, score: number): void {
    const enforced = this.#parts.options.mode === 'block'
    for (const { field, rule } of findings) {
      this.#parts.shadow.note({ control: 'detection', rule, enforced, exchange, field })
    }
    this.#log(exchange, findings, { score, enforced })
    const [first] = findings
    if (!enforced || first === undefined) return
    const told = { ...first, field: fieldName(first.field, this.#named) }
    this.#parts.blocked.note(told, exchange.state.client?.key ?? '')
    throw detectionErrors.request_suspicious()
  }

  #log(
    { requestId }: Exchange,
    findings: readonly Finding[],
    verdict: { readonly score: number; readonly enforced: boolean },
  ): void {
    const minute = Math.floor(this.#parts.clock.now() / minuteMs)
    if (minute !== this.#lines.minute) this.#lines = { minute, written: 0 }
    this.#lines.written += 1
    if (this.#lines.written > linesPerMinute) return
    const last = this.#lines.written === linesPerMinute
    this.#parts.logger.warn('a request looks like an attack', {
      requestId,
      ...verdict,
      findings: findings.map((finding) => this.#told(finding)),
      ...(last ? { note: 'further ones of this minute are counted and not logged' } : {}),
    })
  }

  #told({ field, rule, text }: Finding): object {
    const valueHash = hmacSha256(this.#parts.hashKey, text).toString('hex').slice(0, 16)
    return { rule, field: fieldName(field, this.#named), valueHash }
  }
}

function fieldsOf(body: unknown, kind: InspectedBody): Field[] {
  if (kind === 'xml') return fieldsOfXml(String(body))
  return kind === 'text' ? fieldsOfText(String(body)) : fieldsOfBody(body, kind)
}

/** An exemption from a rule that does not exist would exempt from nothing, unnoticed. */
function checkRuleNames({ exempt }: DetectionConfig): void {
  const known = new Set(detectionRules.flatMap((rule) => [rule.id, rule.class as string]))
  for (const id of ['traversal.overlong', 'sql.hint', 'header.twice']) known.add(id)
  const unknown = exempt.flatMap(({ rules = [] }) => rules).filter((rule) => !known.has(rule))
  if (unknown.length === 0) return
  throw configurationError(unknown.map((rule) => `detection.exempt: there is no rule '${rule}'.`))
}
