/**
 * Payload of each event by name. Rooms add theirs by declaration merging in `events.ts`:
 * `declare module '../events/event.ts' { interface EventMap { 'user.created': UserCreated } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the rooms through declaration merging
export interface EventMap {}

/** Name of an event, such as `user.registered`. */
export type EventName = keyof EventMap & string

/** How much an event matters to whoever watches. */
export type Severity = 'info' | 'low' | 'warning' | 'high' | 'critical'

/** How long the audit row is kept: access log 30 days, security records one year. */
export type AuditClass = 'security' | 'access'

/**
 * Who did it. `system` is Holdfast itself (jobs), `operator` somebody at the command line, `api_key` a key:
 * then `onBehalfOf` is its owner.
 */
export interface Actor {
  readonly kind:
    | 'anonymous'
    | 'user'
    | 'system'
    | 'operator'
    | 'code'
    | 'api_key'
    | 'service_account'
    | 'organisation'
  readonly id?: string
}

/** Where a request came from; everything here is bounded and has passed the client-address step. */
export interface Origin {
  readonly ip?: string
  readonly userAgent?: string
  readonly requestId?: string
  readonly method?: string
  /** Without the query, which may hold what must not be kept. */
  readonly path?: string
  readonly sessionId?: string
  readonly deviceId?: string
}

/** How it ended: done, tried in vain, or not allowed. */
export type Outcome = 'success' | 'failure' | 'refused'

/** What happened to which thing. */
export interface Resource {
  readonly kind: string
  readonly id: string
}

/** What a room hands to the recorder, inside the transaction of the change itself. */
export interface EventInput<N extends EventName = EventName> {
  readonly name: N
  readonly actor: Actor
  readonly onBehalfOf?: Actor
  readonly resource?: Resource
  readonly outcome?: Outcome
  /** A stable word or an administrator's sentence, at most 500 characters. */
  readonly reason?: string
  readonly origin?: Origin
  readonly payload: EventMap[N]
}

/** An event as it was recorded: with its id and time. */
export interface RecordedEvent<N extends EventName = EventName> extends EventInput<N> {
  readonly id: string
  readonly at: number
  readonly outcome: Outcome
}

/** How an event is kept: its weight, its class, and which payload members reach the audit row. */
export interface EventDefinition<P = unknown> {
  readonly severity: Severity
  readonly auditClass: AuditClass
  /** Allow-list: any other member of the payload stays out of the record. */
  readonly keep: readonly (keyof P & string)[]
}

export type EventDefinitions<N extends EventName = EventName> = {
  readonly [K in N]: EventDefinition<EventMap[K]>
}
