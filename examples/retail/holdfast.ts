import { type AccessOptions, developmentSecrets } from 'holdfast'
import { createSecurity, type ExpressSecurity, type SecurityOptions } from 'holdfast/express'
import { holdfastDatabase, type Settings } from './settings.ts'

/**
 * Companies are organisations of Holdfast; `employee`, `manager` and `admin` are held in one of them.
 * The rules say which rows of the inventory each sees there. `tenant` is the company of the request,
 * the attribute `store` what `MemberStores` knows of the member.
 */
const access: AccessOptions = {
  resources: {
    inventory: {
      table: 'holdings',
      columns: { store_id: 'text', organisation_id: 'text' },
      tenant: 'organisation_id',
    },
  },
  attributes: { store: 'text' },
  roles: {
    employee: {
      permissions: [
        {
          permission: 'read:inventory',
          when: { all: [{ tenant: true }, { column: 'store_id', equals: { attribute: 'store' } }] },
        },
      ],
      inherits: ['user'],
    },
    manager: {
      permissions: [{ permission: 'read:inventory', when: { tenant: true } }],
      inherits: ['user'],
    },
    /*
     * Nobody gives what they lack. An administrator holds what managers and employees hold, so she
     * makes those; as she is denied something, she can give nobody a role with that denial: her own.
     */
    admin: {
      permissions: ['read:security:members', 'write:security:members'],
      deny: ['delete:security:organisation'],
      inherits: ['manager', 'employee'],
    },
  },
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
    access,
    // main.ts says where the app and its mail are.
    logLevel: 'warn',
    ...overrides,
  })
}
