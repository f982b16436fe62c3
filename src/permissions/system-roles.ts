import type { RoleDefinition } from './rule.ts'

/** Parts of `security` that belong to one organisation: what a role held there may reach of it. */
export const organisationParts = ['members', 'invitations', 'organisation'] as const

/** The roles every installation has; an option may add others or redefine these. */
export const systemRoles: Readonly<Record<string, RoleDefinition>> = Object.freeze({
  super_admin: { permissions: ['*'] },
  admin: {
    permissions: [
      'read:*',
      'write:*',
      'delete:*',
      'read:security:*',
      'write:security:*',
      'delete:security:*',
    ],
  },
  manager: { permissions: ['read:*', 'write:projects', 'write:tasks'] },
  user: { permissions: ['read:own', 'write:own'] },
  guest: { permissions: ['read:public'] },
  organisation_owner: {
    permissions: ['*:*', ...organisationParts.map((part) => `*:security:${part}`)],
  },
  organisation_member: { permissions: ['read:security:organisation'] },
})
