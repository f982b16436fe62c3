import { developmentSecrets } from 'holdfast'
import { createSecurity, type ExpressSecurity, type SecurityOptions } from 'holdfast/express'
import { holdfastDatabase, type Settings } from './settings.ts'

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
    access: { roles: { employee: { permissions: ['read:inventory'], inherits: ['user'] } } },
    ...overrides,
  })
}
