import { deviceList, idParams } from '../contract.ts'
import type { Database, Trx } from '../database/index.ts'
import {
  type Auth,
  clientKeyOf,
  type Exchange,
  originOf,
  type Route,
  route,
  singleHeader,
} from '../http/index.ts'
import { currentDevice, type Devices } from './devices.ts'
import { deviceErrors } from './errors.ts'
import type { DeviceRow } from './table.ts'

export interface DeviceRouteParts {
  readonly database: Database
  readonly devices: Devices
  /** Tokens of the device cookie, once their tags were verified. */
  readonly devicesOf: (exchange: Exchange) => readonly string[]
  /** Takes the caller for a change; throws for a credential that its session has overtaken. */
  readonly claim: (trx: Trx, auth: Auth) => Promise<void>
  /** First segment, for example `/auth`. */
  readonly path: string
}

/** Routes of an account's own devices: list, forget. */
export function deviceRoutes(parts: DeviceRouteParts): readonly Route[] {
  return [listRoute(parts), forgetRoute(parts)]
}

function listRoute({ devices, devicesOf, path }: DeviceRouteParts): Route {
  return route({
    method: 'GET',
    path: `${path}/devices`,
    summary: 'Devices that signed in to your account, the one used last first',
    policy: { kind: 'signed-in' },
    responses: { 200: { description: 'Devices', schema: deviceList } },
    handle: async ({ auth, exchange }) => {
      const rows = auth ? await devices.list(auth.userId) : []
      const userAgent = singleHeader(exchange.headers, 'user-agent')
      const native = { userAgent, network: clientKeyOf(exchange) }
      const current = currentDevice(rows, { tokens: devicesOf(exchange), ...native })
      return { status: 200, json: { devices: rows.map((row) => describeDevice(row, current)) } }
    },
  })
}

function forgetRoute({ claim, database, devices, path }: DeviceRouteParts): Route {
  return route({
    method: 'DELETE',
    path: `${path}/devices/{id}`,
    summary: 'Forget one of your devices: its next sign-in is that of a new one',
    policy: { kind: 'signed-in' },
    params: idParams,
    responses: { 204: { description: 'Forgotten' } },
    problems: ['device_not_found'],
    handle: async ({ auth, exchange, params }) => {
      if (!auth) throw deviceErrors.device_not_found()
      const by = { actor: { kind: 'user', id: auth.userId }, origin: originOf(exchange) } as const
      const forgotten = await database.transaction(async (trx) => {
        await claim(trx, auth)
        return devices.forget(trx, auth.userId, params.id, by)
      })
      if (!forgotten) throw deviceErrors.device_not_found()
      return { status: 204 }
    },
  })
}

/** A device as its owner sees it. */
export function describeDevice(row: DeviceRow, current: DeviceRow | undefined) {
  return {
    id: row.id,
    current: row === current,
    userAgent: row.user_agent,
    ip: row.ip,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    trustedUntil: row.trusted_until,
  }
}
