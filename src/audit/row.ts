import type { AuditClass, RecordedEvent, Severity } from '../events/index.ts'
import { redact } from '../ports/index.ts'
import type { AccessEntry, AuditEntry } from './entry.ts'
import type { AuditRow } from './table.ts'

const metadataLimit = 4_000

interface RowFrame {
  readonly id: string
  readonly at: number
  readonly class: AuditClass
  readonly severity: Severity
}

/** The audit row of an event; of the payload only the members its definition keeps. */
export function rowOfEvent(
  event: RecordedEvent,
  frame: Pick<RowFrame, 'class' | 'severity'>,
  keep: readonly string[],
): AuditRow {
  const payload = event.payload as Readonly<Record<string, unknown>>
  const kept = Object.fromEntries(
    keep.filter((name) => payload[name] !== undefined).map((name) => [name, payload[name]]),
  )
  const row = rowOfEntry({ ...event, action: event.name }, { ...frame, id: event.id, at: event.at })
  return {
    ...row,
    behalf_kind: event.onBehalfOf?.kind ?? null,
    behalf_id: event.onBehalfOf?.id ?? null,
    organisation_id: organisationOf(payload),
    metadata: metadataText(kept),
  }
}

/** The organisation that an event is about; events of rooms name it alike. */
function organisationOf({ organisationId }: Readonly<Record<string, unknown>>): string | null {
  return typeof organisationId === 'string' ? cut(organisationId, 64) : null
}

/** The audit row of an entry that the app wrote. */
export function rowOfEntry(entry: AuditEntry | AccessEntry, frame: RowFrame): AuditRow {
  const origin = entry.origin ?? {}
  return {
    ...frame,
    action: entry.action,
    actor_kind: entry.actor?.kind ?? 'anonymous',
    actor_id: entry.actor?.id ?? null,
    behalf_kind: null,
    behalf_id: null,
    resource_kind: cut(entry.resource?.kind, 64),
    resource_id: cut(entry.resource?.id, 128),
    outcome: entry.outcome ?? 'success',
    reason: cut(entry.reason, 500),
    ip: cut(origin.ip, 64),
    user_agent: cut(origin.userAgent, 300),
    request_id: cut(origin.requestId, 64),
    method: cut(origin.method, 16),
    path: cut(origin.path, 500),
    status: 'status' in entry ? entry.status : null,
    duration_ms: 'durationMs' in entry ? Math.round(entry.durationMs) : null,
    session_id: origin.sessionId ?? null,
    organisation_id: null,
    metadata: metadataText(entry.metadata ?? {}),
  }
}

/** Text as a column takes it: bounded, no NUL, well-formed. A record is never lost to odd input. */
function cut(text: string | undefined, length: number): string | null {
  if (text === undefined) return null
  return text.replaceAll('\0', '�').slice(0, length).toWellFormed()
}

function metadataText(value: object): string {
  const text = JSON.stringify(redact(value)).replaceAll('\\u0000', '�')
  return text.length <= metadataLimit ? text : JSON.stringify({ dropped: 'metadata too long' })
}
