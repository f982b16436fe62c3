import { didYouMean } from '../errors/index.ts'
import { checkRole, type RoleFault, systemRoles, Vocabulary } from '../permissions/index.ts'
import type { Config } from './config.ts'
import type { AccessConfig } from './config-access.ts'
import type { Faults } from './faults.ts'
import { matrixRules } from './role-matrix.ts'

/** Name of the super-admin role unless the option says otherwise. */
export const usualSuperAdmin = 'super_admin'

const systemNames = Object.keys(systemRoles)
const ordinaryNames = systemNames.filter((role) => role !== usualSuperAdmin)

/** Where other options name roles. */
export type RoleReferences = Pick<Config, 'access'> & {
  readonly mfa?: Pick<Config['mfa'], 'roles'>
  readonly organisations?: Pick<Config['organisations'], 'ownerRole' | 'memberRole'>
}

/**
 * Reports what is wrong with roles: those that are named but not there, circles, words that no resource
 * declares, conditions that do not fit, and a default role that can do everything.
 */
export function checkRoles(config: RoleReferences, faults: Faults): void {
  const { access } = config
  checkNames(config, faults)
  checkResources(access, faults)
  const vocabulary = new Vocabulary(access)
  for (const name of new Set([...Object.keys(access.roles), ...Object.keys(access.matrix)])) {
    checkDefinition(access, name, { faults, vocabulary })
  }
  checkPower(config, faults)
}

function checkNames({ access, mfa, organisations }: RoleReferences, faults: Faults): void {
  const own = [...Object.keys(access.roles), ...Object.keys(access.matrix)]
  const known = [access.superAdminRole, ...systemNames, ...own]
  const check = (path: string, role: string) => {
    if (known.includes(role)) return
    faults.add(path, `names a role that does not exist.${didYouMean(role, known)}`)
  }
  check('access.defaultRole', access.defaultRole)
  mfa?.roles.forEach((role, index) => {
    check(`mfa.roles[${index}]`, role)
  })
  if (organisations) {
    check('organisations.ownerRole', organisations.ownerRole)
    check('organisations.memberRole', organisations.memberRole)
  }
  for (const [name, role] of Object.entries(access.roles)) {
    role.inherits.forEach((parent, index) => {
      check(`access.roles.${name}.inherits[${index}]`, parent)
    })
    if (reaches(access, name, name)) {
      faults.add(
        `access.roles.${name}.inherits`,
        'leads back to the role itself. Break the circle.',
      )
    }
  }
}

function checkResources({ resources }: AccessConfig, faults: Faults): void {
  for (const [name, { columns, owner, tenant }] of Object.entries(resources)) {
    const path = `access.resources.${name}`
    if (name === 'security') faults.add(path, "is Holdfast's own resource. Take another name.")
    for (const [role, column] of Object.entries({ owner, tenant })) {
      if (column === undefined || column === false || (columns[column] ?? 'text') === 'text')
        continue
      faults.add(`${path}.${role}`, `must be a column of type 'text': it holds an id.`)
    }
  }
}

interface Checking {
  readonly faults: Faults
  readonly vocabulary: Vocabulary
}

/** The rules as they are written, cell by cell of the matrix, and then what they say together. */
function checkDefinition(
  access: AccessConfig,
  name: string,
  { faults, vocabulary }: Checking,
): void {
  const role = Object.hasOwn(access.roles, name) ? access.roles[name] : undefined
  const cells = matrixRules(access, name)
  const permissions = [...(role?.permissions ?? []), ...cells.map(({ rule }) => rule)]
  const { faults: found } = checkRole({ permissions, deny: role?.deny ?? [] }, vocabulary)
  for (const { path, problem } of found) {
    faults.add(
      placeOf({ path, problem }, { name, written: role?.permissions.length ?? 0, cells }),
      problem,
    )
  }
}

function placeOf(
  { path }: RoleFault,
  {
    cells,
    name,
    written,
  }: {
    readonly cells: ReturnType<typeof matrixRules>
    readonly name: string
    readonly written: number
  },
): string {
  const [, at = '', inner = ''] = /^permissions\[(\d+)\](.*)$/.exec(path) ?? []
  const cell = at === '' ? undefined : cells[Number(at) - written]
  if (!cell) return `access.roles.${name}.${path}`
  return `${cell.path}${inner.replace(/^\.(?:permission|when)/, '')}`
}

function checkPower({ access, organisations }: RoleReferences, faults: Faults): void {
  const { superAdminRole, defaultRole, roles } = access
  if (ordinaryNames.includes(superAdminRole)) {
    faults.add(
      'access.superAdminRole',
      'must not be one of the other system roles: all who hold it would own everything.',
    )
  }
  for (const group of ['roles', 'matrix'] as const) {
    if (!Object.hasOwn(access[group], superAdminRole)) continue
    faults.add(
      `access.${group}.${superAdminRole}`,
      'is the super-admin role and always holds `*`. Remove it.',
    )
  }
  for (const option of ['ownerRole', 'memberRole'] as const) {
    if (organisations?.[option] !== superAdminRole) continue
    faults.add(
      `organisations.${option}`,
      'must not be the super-admin role, which is held everywhere or not at all.',
    )
  }
  const all = (role: string) =>
    role === superAdminRole || roles[role]?.permissions.includes('*') === true
  const mighty = Object.keys(roles).concat(superAdminRole).filter(all)
  if (all(defaultRole) || mighty.some((role) => reaches(access, defaultRole, role))) {
    faults.add('access.defaultRole', 'must not hold `*`: every new account would own everything.')
  }
}

/** Whether `from` inherits from `to`, over any number of steps. */
function reaches({ roles }: AccessConfig, from: string, to: string): boolean {
  const seen = new Set<string>()
  const open = [...(roles[from]?.inherits ?? [])]
  for (let role = open.pop(); role !== undefined; role = open.pop()) {
    if (role === to) return true
    if (seen.has(role)) continue
    seen.add(role)
    open.push(...(roles[role]?.inherits ?? []))
  }
  return false
}
