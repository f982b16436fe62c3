import { join } from 'node:path'
import type { SecurityOptions } from 'holdfast'

/** What a bench chooses of Holdfast; all the rest is the default. */
export interface HoldfastChoice {
  /** Folder of the prepared database; it belongs to this process alone. */
  readonly folder: string
  readonly masterKey: string
  /** `off` is the control: the same shield with fewer headers to write. */
  readonly headers?: 'off'
  /** Requests that a client without a credential may make; raised where nothing may be refused. */
  readonly clientPoints?: number
}

const mostPoints = 1_000_000
const raised = { points: mostPoints } as const

const headersOff = {
  contentSecurityPolicy: false,
  hsts: false,
  frameOptions: false,
  referrerPolicy: false,
  permissionsPolicy: false,
  crossOriginOpenerPolicy: false,
  crossOriginResourcePolicy: false,
} as const

/** Of these the last one alone may read orders. */
export const manyRoles = [...Array.from({ length: 11 }, (_, at) => `desk${at + 1}`), 'buyer']

const desks = Object.fromEntries(
  manyRoles
    .slice(0, -1)
    .map((name) => [
      name,
      { permissions: [`read:${name}`, `write:${name}`, `read:${name}:*`, `delete:${name}:drafts`] },
    ]),
)

/** Default options, with limits raised so that a load from one address is not refused. */
export function holdfastOptions(choice: HoldfastChoice): SecurityOptions {
  return {
    baseUrl: 'https://shop.example',
    masterKey: choice.masterKey,
    // The load says X-Forwarded-Proto, as the proxy would that ends TLS.
    trustedProxies: ['loopback'],
    database: `sqlite:${join(choice.folder, 'holdfast.db')}`,
    limits: {
      general: { points: choice.clientPoints ?? mostPoints },
      account: raised,
      auth: raised,
      authClient: raised,
    },
    apiKeys: { limitPerHour: mostPoints, maxLimitPerHour: mostPoints },
    access: { roles: { ...desks, buyer: { permissions: ['read:orders', 'write:orders'] } } },
    ...(choice.headers === 'off' ? { headers: headersOff } : {}),
  }
}
