import type { SecurityOptions } from '../../src/adapters/express/index.ts'

/** Orders and depots, and roles that reach some of them. */
export const ordersAccess: NonNullable<SecurityOptions['access']> = {
  resources: {
    orders: {
      columns: { owner_id: 'text', status: 'text' },
      owner: 'owner_id',
      tenant: false,
      actions: ['ship'],
    },
    depots: { columns: { region: 'text', closed: 'boolean' } },
    tasks: {},
    projects: {},
    reports: {},
  },
  attributes: { region: 'text' },
  roles: {
    clerk: {
      permissions: [
        { permission: 'read:orders', when: { owner: true } },
        {
          permission: 'write:orders',
          when: { all: [{ owner: true }, { column: 'status', equals: 'open' }] },
        },
        {
          permission: 'ship:orders',
          when: { all: [{ owner: true }, { column: 'status', equals: 'open' }] },
        },
        {
          permission: 'read:depots',
          when: { column: 'region', equals: { attribute: 'region' } },
        },
      ],
      deny: [{ permission: 'read:orders', when: { column: 'status', equals: 'secret' } }],
    },
    auditor: {
      permissions: ['read:orders', 'delete:orders'],
      deny: [{ permission: 'read:orders', when: { column: 'status', equals: 'secret' } }],
    },
    visitor: { permissions: ['read:reports'] },
  },
}
