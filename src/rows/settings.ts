import { type AttributeValues, conditionErrors, longestList } from '../conditions/index.ts'

/** Whom row-level security is told of. */
export interface SettingsCaller {
  readonly userId: string
  readonly organisation?: string
  readonly level: 1 | 2
  /** Roles whose rules count: those that the caller holds; of an API key, those of its owner. */
  readonly roles: readonly string[]
  /**
   * `action:resource` of everything that the caller may do to some rows at all. Whatever the policies
   * cannot know belongs into this list by being left out of it: scopes of a key, a level below what
   * is demanded, a rule that no role of theirs says.
   */
  readonly permitted: readonly string[]
  /** Epoch milliseconds. */
  readonly now: number
  readonly attributes?: AttributeValues
}

/** Names of the settings that the policies read. */
export const settingNames = Object.freeze({
  userId: 'holdfast.user_id',
  organisation: 'holdfast.organisation',
  roles: 'holdfast.roles',
  level: 'holdfast.level',
  now: 'holdfast.now',
  permitted: 'holdfast.permitted',
  attributes: 'holdfast.attributes',
})

/**
 * A caller as settings of PostgreSQL, all of them each time, so that nothing of another caller's is
 * left. Throws `attribute_invalid` for a value that a setting cannot hold.
 */
export function callerSettings(caller: SettingsCaller): Readonly<Record<string, string>> {
  const { userId, organisation = '', level, roles, permitted, now, attributes = {} } = caller
  return Object.freeze({
    [settingNames.userId]: userId,
    [settingNames.organisation]: organisation,
    [settingNames.roles]: roles.join(' '),
    [settingNames.level]: String(level),
    [settingNames.now]: String(now),
    [settingNames.permitted]: permitted.join(' '),
    [settingNames.attributes]: attributesText(attributes),
  })
}

function attributesText(attributes: AttributeValues): string {
  for (const [name, value] of Object.entries(attributes)) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value]
    if (values.length > longestList || !values.every(isStorable)) {
      throw conditionErrors.attribute_invalid({
        explanation: `The attribute '${name}' holds what no setting of PostgreSQL can hold.`,
      })
    }
  }
  return JSON.stringify(attributes)
}

function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0')
  if (typeof value === 'number') return Number.isFinite(value)
  return value === null || value === undefined || typeof value === 'boolean'
}
