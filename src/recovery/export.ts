import type { ApiKeyView } from '../api-keys/index.ts'
import type { AuditRow } from '../audit/index.ts'
import { json } from '../database/index.ts'
import type { DeviceRow } from '../devices/index.ts'
import { passkeyView } from '../enrolment/index.ts'
import type { Origin } from '../events/index.ts'
import type { Auth } from '../http/index.ts'
import { challenges, describeSession, type SessionRow, sessionErrors } from '../sessions/index.ts'
import { demandOwnLevel } from '../shield/index.ts'
import { findUserById, profileOf, type UserRow } from '../users/index.ts'
import { demandSecondFactor } from './owner.ts'
import type { RecoveryParts } from './parts.ts'

const mostSessions = 1_000
const mostRecords = 500

/** Of these the owner learns where they came from: somebody tried to get into the account. */
const triesToGetIn = new Set([
  ...['sign_in.failed', 'sign_in.attacked'],
  ...['sign_in.factor_failed', 'sign_in.factor_attacked', 'password.proof_attacked'],
])

/** Data of an account for its owner. Instants in epoch milliseconds. */
export type AccountExport = Readonly<Record<string, unknown>>

/**
 * What is kept of an account, for its owner (GDPR articles 15 and 20), and the record that it was
 * asked for. Members are named one by one, so that no hash, token or key can come along. Of what
 * others did to the account it holds neither reason nor address nor device, but for attempts to
 * sign in to it. Throws `step_up_required` below the level that policy demands of the account, and where
 * a second factor is enrolled and its proof is not fresh.
 */
export async function exportData(
  parts: RecoveryParts,
  { auth, origin }: { readonly auth: Auth; readonly origin: Origin },
): Promise<AccountExport> {
  const { access, apiKeys, clock, database, devices, recorder, sessions } = parts
  const { sessionId, userId } = auth
  demandOwnLevel(auth)
  const user = await findUserById(database.reader, userId)
  if (!user) throw sessionErrors.session_revoked({ headers: challenges.revoked })
  demandSecondFactor(parts, auth, user)
  const { roles } = await access.rolesOf(database.reader, userId)
  const rows = await sessions.history(userId, mostSessions)
  const known = await devices.list(userId)
  const records = await findRecords(parts, userId)
  const factors = await factorsOf(parts, userId)
  const keys = await apiKeys.list(userId)
  await database.transaction((trx) =>
    recorder.record(trx, {
      name: 'account.exported',
      actor: { kind: 'user', id: userId },
      resource: { kind: 'user', id: userId },
      origin,
      payload: { userId },
    }),
  )
  return {
    exportedAt: clock.now(),
    account: accountOf(user),
    roles,
    sessions: rows.map((row) => sessionOf(row, sessionId)),
    devices: known.map(deviceOf),
    factors,
    apiKeys: keys.map(keyOf),
    records: records.map((row) => recordOf(row, userId)),
  }
}

/** The newest records of what the person did and what was done to the account. */
async function findRecords({ audit }: RecoveryParts, userId: string): Promise<AuditRow[]> {
  const done = await audit.find({ actorId: userId, limit: mostRecords })
  const suffered = await audit.find({ resourceId: userId, limit: mostRecords })
  const all = new Map([...done, ...suffered].map((row) => [row.id, row]))
  return [...all.values()].sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
}

/** What second factors there are, and nothing that could prove one. */
async function factorsOf({ database, factors, passkeys }: RecoveryParts, userId: string) {
  const { recoveryCodesLeft, totp } = await factors.status(database.reader, userId)
  const rows = await passkeys.list(database.reader, userId)
  return { totp, recoveryCodesLeft, passkeys: rows.map(passkeyView) }
}

function accountOf(row: UserRow) {
  return {
    ...profileOf(row),
    status: row.status,
    metadata: json.decode<Record<string, unknown>>(row.metadata),
    createdAt: row.created_at,
    verifiedAt: row.verified_at,
    lastSignInAt: row.last_sign_in_at,
    lastSignInIp: row.last_sign_in_ip,
  }
}

function sessionOf(row: SessionRow, currentId: string) {
  return { ...describeSession(row, currentId), endedAt: row.ended_at, endReason: row.end_reason }
}

function deviceOf({ first_seen_at, id, ip, last_seen_at, user_agent }: DeviceRow) {
  return { id, userAgent: user_agent, ip, firstSeenAt: first_seen_at, lastSeenAt: last_seen_at }
}

/** Whoever ended a key may have said why in words about its owner; those stay out. */
function keyOf(key: ApiKeyView) {
  const { createdAt, expiresAt, id, lastUsedAt, lastUsedIp, name, organisation, scopes } = key
  const { endsAt, ipRanges, limitPerHour, metadata, revokedAt, status } = key
  return {
    ...{ id, name, status, scopes, organisation, ipRanges, limitPerHour, metadata },
    ...{ createdAt, expiresAt, endsAt, revokedAt, lastUsedAt, lastUsedIp },
  }
}

function recordOf(row: AuditRow, userId: string) {
  const { action, at, outcome, reason } = row
  const own = row.actor_id === userId
  const shown = own || triesToGetIn.has(action)
  return {
    at,
    action,
    outcome,
    ...(own ? { reason } : {}),
    by: own || row.actor_id === null ? row.actor_kind : 'somebody else',
    resource: row.resource_kind === null ? null : { kind: row.resource_kind, id: row.resource_id },
    ...(shown ? { ip: row.ip, userAgent: row.user_agent, sessionId: row.session_id } : {}),
  }
}
