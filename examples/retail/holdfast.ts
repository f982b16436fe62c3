import { developmentSecrets } from 'holdfast'
import { createSecurity, type ExpressSecurity, type SecurityOptions } from 'holdfast/express'
import { holdfastDatabase, type Settings } from './settings.ts'

/**
 * The roles that differ from Holdfast's. Administrators here belong to one company, while accounts,
 * roles and the audit log belong to all: so `admin` holds nothing of `security`, which is left to the
 * super administrator. It holds all that `manager` and `employee` hold, as nobody gives more than that.
 */
const roles = {
  employee: { permissions: ['read:inventory'], inherits: ['user'] },
  admin: { permissions: ['read:*', 'write:*', 'delete:*'] },
}

/** The security of this app. Everything not said here has Holdfast's defaults. */
export function retailSecurity(
  settings: Settings,
  overrides: Partial<SecurityOptions> = {},
): ExpressSecurity {
  return createSecurity({
    appName: 'Holdfast Retail',
    mode: 'development',
    baseUrl: `http://localhost:${settings.port}`,
    masterKey: developmentSecrets(settings.dataDir).masterKey,
    database: `sqlite:${holdfastDatabase(settings)}`,
    access: { roles },
    // main.ts says where the app and its mail are.
    logLevel: 'warn',
    ...overrides,
  })
}
