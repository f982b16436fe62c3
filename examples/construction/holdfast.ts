import { join } from 'node:path'
import { type AccessOptions, type Condition, developmentSecrets } from 'holdfast'
import { createSecurity, type ExpressSecurity, type SecurityOptions } from 'holdfast/express'
import { holdfastDatabase, type Settings } from './settings.ts'

/** Projects that the caller works on: `attributesOf` tells which. */
const ofMyProjects = (column: string): Condition => ({ column, in: { attribute: 'projects' } })

/** One's own task in a project that one still works on. */
const mine: Condition = { all: [{ owner: true }, ofMyProjects('project_id')] }

/**
 * Who may do what with which rows. The same rules answer for one project, filter lists of them and
 * stand in the explanation of a refusal.
 */
const access: AccessOptions = {
  resources: {
    projects: {
      columns: { id: 'text', owner_id: 'text', status: 'text' },
      owner: 'owner_id',
    },
    tasks: {
      columns: { project_id: 'text', assignee_id: 'text', status: 'text' },
      owner: 'assignee_id',
    },
  },
  attributes: { projects: 'text[]' },
  roles: {
    user: {
      permissions: [
        'read:own',
        'write:own',
        { permission: 'read:projects', when: { any: [{ owner: true }, ofMyProjects('id')] } },
        { permission: 'read:tasks', when: ofMyProjects('project_id') },
        { permission: 'update:tasks', when: mine },
      ],
    },
    manager: {
      inherits: ['user'],
      permissions: [
        'create:projects',
        { permission: 'update:projects', when: { owner: true } },
        {
          permission: 'delete:projects',
          when: { all: [{ owner: true }, { column: 'status', equals: 'planned' }] },
        },
        { permission: 'write:tasks', when: ofMyProjects('project_id') },
        { permission: 'delete:tasks', when: ofMyProjects('project_id') },
      ],
    },
  },
}

/** The security of this app. Everything not said here has Holdfast's defaults. */
export function constructionSecurity(
  settings: Settings,
  overrides: Partial<SecurityOptions> = {},
): ExpressSecurity {
  return createSecurity({
    appName: 'Holdfast Construction',
    mode: 'development',
    baseUrl: `http://localhost:${settings.port}`,
    masterKey: developmentSecrets(settings.dataDir).masterKey,
    database: holdfastDatabase(settings),
    access,
    mfa: { roles: ['manager'] },
    uploads: { directory: join(settings.dataDir, 'uploads') },
    logLevel: 'warn',
    ...overrides,
  })
}
