import {
  addColumn,
  c,
  createIndex,
  createTable,
  defineTable,
  migration,
  sqlStep,
} from '../database/index.ts'

/** An organisation: a tenant with members of its own. Instants in epoch milliseconds. */
export interface OrganisationRow {
  id: string
  /** Short name in addresses; unique among all, closed ones too. */
  slug: string
  name: string
  status: 'active' | 'closed'
  /** JSON of `OrganisationPolicy`. */
  policy: string
  /** JSON of the app. */
  metadata: string
  created_at: number
  created_by: string | null
}

/** A short name that an organisation has or had: nobody else gets it, whatever still points there. */
export interface OrganisationNameRow {
  slug: string
  organisation_id: string
}

/** Who belongs to an organisation. */
export interface MemberRow {
  organisation_id: string
  user_id: string
  joined_at: number
  /** Null for code and the command line. */
  added_by: string | null
}

/** A role that a member holds there, and nowhere else. */
export interface MemberRoleRow {
  organisation_id: string
  user_id: string
  role: string
  granted_at: number
  granted_by: string | null
  reason: string | null
  expires_at: number | null
}

/** A mailed invitation to become a member. */
export interface InvitationRow {
  id: string
  organisation_id: string
  /** As it was written; the mail goes there. */
  email: string
  /** Of the account that may accept. */
  email_canonical: string
  /** The account that had this address when it was invited, if one did. */
  user_id: string | null
  /** JSON list of the roles it gives. */
  roles: string
  /** The token itself is in the mail only. */
  token_hash: string
  invited_by: string | null
  /** On whose authority, which is asked again when it is accepted; null for code and the command line. */
  giver_id: string | null
  created_at: number
  expires_at: number
  used_at: number | null
  revoked_at: number | null
}

declare module '../database/types.ts' {
  interface Tables {
    hf_organisations: OrganisationRow
    hf_organisation_names: OrganisationNameRow
    hf_members: MemberRow
    hf_member_roles: MemberRoleRow
    hf_invitations: InvitationRow
  }
}

const organisationsTable = defineTable('hf_organisations', {
  columns: {
    id: c.id(),
    slug: c.text(63),
    name: c.text(200),
    status: c.text(16),
    policy: c.json(),
    metadata: c.json(),
    created_at: c.time(),
    created_by: c.text(64).nullable(),
  },
  primaryKey: ['id'],
  unique: { slug: ['slug'] },
  indexes: { created: ['created_at', 'id'], creator: ['created_by'] },
})

const namesTable = defineTable('hf_organisation_names', {
  columns: { slug: c.text(63), organisation_id: c.id() },
  primaryKey: ['slug'],
  indexes: { organisation: ['organisation_id'] },
  foreignKeys: [
    {
      ...{ columns: ['organisation_id'], table: 'hf_organisations', references: ['id'] },
      onDelete: 'cascade',
    },
  ],
})

const membersTable = defineTable('hf_members', {
  columns: {
    organisation_id: c.id(),
    user_id: c.id(),
    joined_at: c.time(),
    added_by: c.text(64).nullable(),
  },
  primaryKey: ['organisation_id', 'user_id'],
  indexes: { user: ['user_id'] },
  foreignKeys: [
    {
      ...{ columns: ['organisation_id'], table: 'hf_organisations', references: ['id'] },
      onDelete: 'cascade',
    },
    { columns: ['user_id'], table: 'hf_users', references: ['id'], onDelete: 'cascade' },
  ],
})

const memberRolesTable = defineTable('hf_member_roles', {
  columns: {
    organisation_id: c.id(),
    user_id: c.id(),
    role: c.text(64),
    granted_at: c.time(),
    granted_by: c.text(64).nullable(),
    reason: c.text(500).nullable(),
    expires_at: c.time().nullable(),
  },
  primaryKey: ['organisation_id', 'user_id', 'role'],
  indexes: { user: ['user_id'], role: ['role'] },
  foreignKeys: [
    {
      ...{ columns: ['organisation_id', 'user_id'], table: 'hf_members' },
      ...{ references: ['organisation_id', 'user_id'], onDelete: 'cascade' },
    },
  ],
})

const invitationsTable = defineTable('hf_invitations', {
  columns: {
    id: c.id(),
    organisation_id: c.id(),
    email: c.text(254),
    email_canonical: c.text(254),
    user_id: c.text(64).nullable(),
    roles: c.json(),
    token_hash: c.text(64),
    invited_by: c.text(64).nullable(),
    giver_id: c.text(64).nullable(),
    created_at: c.time(),
    expires_at: c.time(),
    used_at: c.time().nullable(),
    revoked_at: c.time().nullable(),
  },
  primaryKey: ['id'],
  unique: { token: ['token_hash'] },
  indexes: { organisation: ['organisation_id', 'email_canonical'], expiry: ['expires_at'] },
  foreignKeys: [
    {
      ...{ columns: ['organisation_id'], table: 'hf_organisations', references: ['id'] },
      onDelete: 'cascade',
    },
  ],
})

const keepNames =
  'insert into hf_organisation_names (slug, organisation_id) select o.slug, o.id from hf_organisations o where not exists (select 1 from hf_organisation_names n where n.slug = o.slug)'

/** Migrations of the room, in order; they come after those of users. */
export const organisationMigrations = [
  migration('organisations/0001_create', [
    createTable(organisationsTable, { indexes: ['creator'] }),
    createTable(membersTable),
    createTable(memberRolesTable, { indexes: ['role'] }),
    createTable(invitationsTable, { columns: ['giver_id', 'user_id'] }),
  ]),
  migration('organisations/0002_giver', [addColumn(invitationsTable, 'giver_id')]),
  migration('organisations/0003_names', [
    createTable(namesTable),
    createIndex(organisationsTable, 'creator'),
    sqlStep({
      ...{ sqlite: keepNames, postgres: keepNames, mysql: keepNames },
      down: { sqlite: '', postgres: '', mysql: '' },
      ...{ tables: ['hf_organisations', 'hf_organisation_names'], repeatable: true },
    }),
  ]),
  // A change of a role looks for everybody who holds it.
  migration('organisations/0004_holders', [createIndex(memberRolesTable, 'role')]),
  // What waits for somebody who is removed ends, whatever their address is by then.
  migration('organisations/0005_invited', [addColumn(invitationsTable, 'user_id')]),
]
