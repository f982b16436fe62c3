import { duration, type Leaf, list, oneOf, orOff, shown, text, whole } from './fields.ts'
import { dictionary, group, matching } from './option-parts.ts'
import type {
  AccessOptions,
  ApiKeyOptions,
  OrganisationOptions,
  ResourceOptions,
  RoleOptions,
} from './options-access.ts'

const segment = '[a-z0-9][a-z0-9_-]{0,63}'
const word = new RegExp(`^${segment}$`)

const permission = text({
  max: 520,
  accepts: 'permissions',
  flaw: matching(
    new RegExp(`^(?:\\*|(?:\\*|${segment})(?::(?:\\*|${segment})){1,7})$`),
    `must be 'action:resource' in small letters, such as 'read:projects'.`,
  ),
})

/** A permission, or one with the condition of the rows it is for. The condition is read by the rules. */
const rowPermission: Leaf = {
  ...permission,
  accepts: 'permissions, each with a condition or without',
  read: (value, place) => {
    if (typeof value !== 'object' || value === null) return permission.read(value, place)
    const { permission: pattern, when, ...rest } = value as Readonly<Record<string, unknown>>
    const [stranger] = Object.keys(rest)
    if (stranger !== undefined) {
      return place.faults.add(place.path, `holds '${stranger}'. Write { permission, when }.`)
    }
    const read = permission.read(pattern, { ...place, path: `${place.path}.permission` })
    const condition = conditionLeaf.read(when, { ...place, path: `${place.path}.when` })
    return Object.freeze({ permission: read, when: condition })
  },
}

/** Plain data, copied and frozen; what it says is judged with the resource it is about. */
const conditionLeaf: Leaf = {
  kind: 'leaf',
  suffix: '',
  accepts: 'condition',
  read: (value, { faults, path }) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return frozenCopy(value)
    }
    return faults.add(path, `must be a condition such as { owner: true }, not ${shown(value)}.`)
  },
}

const cell: Leaf = {
  ...conditionLeaf,
  accepts: 'true, false or a condition',
  read: (value, place) => (typeof value === 'boolean' ? value : conditionLeaf.read(value, place)),
}

function frozenCopy(value: object): unknown {
  return deepFreeze(structuredClone(value))
}

function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}

const roleName = /^[a-z][a-z0-9_-]{0,63}$/

const role = (fallback?: string) =>
  text({
    accepts: 'role',
    flaw: matching(roleName, `must be 1 to 64 small letters, digits, '_' and '-', a letter first.`),
    ...(fallback === undefined ? {} : { fallback }),
  })

const action = text({
  accepts: 'actions',
  flaw: matching(word, `must be a word of small letters, digits, '_' and '-'.`),
})

const columnName = /^[A-Za-z_][A-Za-z0-9_$]{0,62}$/
const column = () =>
  text({ accepts: 'column', flaw: matching(columnName, 'must be the name of a column.') })

const columnType = oneOf(['text', 'number', 'boolean', 'instant'])

export const access = group<AccessOptions>({
  defaultRole: role('user'),
  superAdminRole: role('super_admin'),
  roles: dictionary(
    roleName,
    group<RoleOptions>({
      permissions: list(rowPermission, { required: true }),
      deny: list(rowPermission),
      inherits: list(role()),
    }),
  ),
  matrix: dictionary(roleName, dictionary(word, dictionary(word, cell))),
  resources: dictionary(
    word,
    group<ResourceOptions>({
      table: text({
        accepts: 'table',
        flaw: matching(
          /^[A-Za-z_][A-Za-z0-9_$]{0,62}(?:\.[A-Za-z_][A-Za-z0-9_$]{0,62})?$/,
          'must be the name of a table.',
        ),
      }),
      columns: dictionary(columnName, columnType),
      owner: column(),
      tenant: orOff(column()),
      actions: list(action),
    }),
  ),
  actions: list(action),
  attributes: dictionary(
    columnName,
    oneOf(['text', 'number', 'boolean', 'instant', 'text[]', 'number[]']),
  ),
})

export const organisations = group<OrganisationOptions>(
  {
    from: oneOf(['route', 'header', 'host'], 'route'),
    header: text({
      fallback: 'x-organisation',
      max: 64,
      accepts: 'header',
      flaw: matching(/^[a-z][a-z0-9-]*$/, 'must be the name of a header in small letters.'),
    }),
    domain: text({
      max: 253,
      accepts: 'domain',
      flaw: matching(
        /^[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?$/,
        'must be a domain in small letters.',
      ),
    }),
    create: oneOf(['administrators', 'everyone'], 'administrators'),
    ownerRole: role('organisation_owner'),
    memberRole: role('organisation_member'),
    tenancy: oneOf(['shared', 'isolated'], 'shared'),
  },
  { shorthand: 'from' },
)

export const apiKeys = group<ApiKeyOptions>({
  environment: text({
    max: 12,
    accepts: 'word',
    flaw: matching(/^[a-z][a-z0-9]{0,11}$/, 'must be 1 to 12 small letters and digits.'),
  }),
  limitPerHour: whole({ min: 1, max: 1_000_000, fallback: 1_000 }),
  maxLimitPerHour: whole({ min: 1, max: 1_000_000, fallback: 10_000 }),
  maxLifetime: duration({ min: '1h', max: '3650d' }),
  rotationOverlap: duration({ min: '1s', max: '30d', fallback: '24h' }),
  maxPerOwner: whole({ min: 1, max: 1_000, fallback: 50 }),
})
