import type { ControlMark } from '../src/adapters/express/index.ts'

type Kind = ControlMark['kind']
type Of<K extends Kind> = Extract<ControlMark, { kind: K }>
type Read = Readonly<Record<string, unknown>>

interface Rule<K extends Kind> {
  /** Whether what was read from a file is one. */
  readonly fits: (read: Read) => boolean
  /** Whether everybody whom `old` stops is stopped by `now`. In doubt: no. */
  readonly holds: (old: Of<K>, now: Of<K>) => boolean
  readonly text: (control: Of<K>) => string
}

const rules: { readonly [K in Kind]: Rule<K> } = {
  signed: {
    fits: ({ by, components, tag }) =>
      (isText(by) || isTexts(by)) && isTexts(components ?? []) && isText(tag ?? ''),
    holds: (old, now) =>
      isNarrower(old.by, now.by) &&
      isWithin(old.components, now.components) &&
      isWithin([old.tag ?? []].flat(), [now.tag ?? []].flat()),
    text: ({ by, components = [], tag }) =>
      [`signed by ${listed([by].flat())}`, ...components, ...(tag ? [`tag ${tag}`] : [])].join(
        ', ',
      ),
  },
  ipRules: {
    fits: ({ allow, deny, scope }) =>
      scope === undefined ? isTexts(allow ?? []) && isTexts(deny ?? []) : isText(scope),
    holds: (old, now) => {
      if ('scope' in old || 'scope' in now) return placeOf(old) === placeOf(now)
      const narrows = !old.allow?.length || (!!now.allow?.length && isWithin(now.allow, old.allow))
      return narrows && isWithin(old.deny, now.deny)
    },
    text: (control) => `addresses ${placeOf(control)}`,
  },
  rateLimit: {
    fits: ({ key, points, policy, windowMs }) =>
      isText(key) && isText(policy) && isCount(points) && isCount(windowMs),
    holds: (old, now) =>
      old.key === now.key && now.points <= old.points && now.windowMs >= old.windowMs,
    text: ({ key, points, policy, windowMs }) =>
      `limit ${policy} (${points} in ${windowMs / 1_000} s by ${key})`,
  },
  inspect: { fits: () => true, holds: () => true, text: () => 'inspected' },
  upload: {
    fits: ({ field, maxBytes, maxFiles, required, textFields, types }) =>
      isText(field) &&
      isTexts(types) &&
      isTexts(textFields) &&
      isCount(maxBytes) &&
      isCount(maxFiles) &&
      typeof required === 'boolean',
    holds: (old, now) =>
      isWithin(now.types, old.types) &&
      isWithin(now.textFields, old.textFields) &&
      now.maxBytes <= old.maxBytes &&
      now.maxFiles <= old.maxFiles &&
      (now.required || !old.required),
    text: ({ maxBytes, maxFiles, required, textFields, types }) => {
      const beside = textFields.length > 0 ? ` beside ${listed(textFields)}` : ''
      const some = required ? '' : ' or none'
      return `upload of ${maxFiles}${some} (${listed(types)}, ${maxBytes} bytes)${beside}`
    },
  },
  encryptedFields: {
    fits: ({ context, names }) => isText(context) && isTexts(names),
    holds: (old, now) => old.context === now.context && isWithin(old.names, now.names),
    text: ({ context, names }) => `encrypted ${listed(names)} of ${context}`,
  },
  validate: {
    fits: ({ parts, unknown }) => isTexts(parts) && isText(unknown),
    holds: (old, now) =>
      isWithin(old.parts, now.parts) && (old.unknown === now.unknown || now.unknown === 'refuse'),
    text: ({ parts, unknown }) =>
      `schemas of ${listed(parts)}${unknown === 'refuse' ? '' : `, unknown fields: ${unknown}`}`,
  },
}

/** Whether these are controls as a list of routes holds them. */
export function areControls(value: unknown): value is readonly ControlMark[] {
  return Array.isArray(value) && value.every(isControl)
}

function isControl(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { kind } = value as Read
  return isText(kind) && Object.hasOwn(rules, kind) && rules[kind as Kind].fits(value as Read)
}

/** A control in a few words. */
export function controlText<K extends Kind>(control: Of<K>): string {
  return ruleOf<K>(control).text(control)
}

/** A reason for each control that is gone, or asks for less than it did. */
export function controlOpenings(
  before: readonly ControlMark[] = [],
  after: readonly ControlMark[] = [],
): readonly string[] {
  return before.flatMap((old) => {
    const alike = after.filter(({ kind }) => kind === old.kind)
    if (alike.some((now) => holds(old, now))) return []
    if (alike.length === 0) return [`has lost a control: ${controlText(old)}`]
    return [`has a weaker control: ${controlText(old)} -> ${alike.map(controlText).join(' and ')}`]
  })
}

function holds<K extends Kind>(old: Of<K>, now: ControlMark): boolean {
  return ruleOf<K>(old).holds(old, now as Of<K>)
}

function ruleOf<K extends Kind>({ kind }: { readonly kind: Kind }): Rule<K> {
  return rules[kind as K]
}

/** Keys that are named are keys of programs. */
function isNarrower(old: string | readonly string[], now: string | readonly string[]): boolean {
  if (typeof now === 'string') return old === now
  return old === 'program' || (typeof old !== 'string' && isWithin(now, old))
}

function isWithin(few: readonly string[] = [], many: readonly string[] = []): boolean {
  return few.every((one) => many.includes(one))
}

function placeOf(control: Of<'ipRules'>): string {
  if ('scope' in control) return `by the rules of ${control.scope}`
  const { allow = [], deny = [] } = control
  const parts = [
    ...(allow.length > 0 ? [`${listed(allow)} alone`] : []),
    ...(deny.length > 0 ? [`but ${listed(deny)}`] : []),
  ]
  return parts.join(' ')
}

function listed(names: readonly string[]): string {
  return names.join(', ')
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText)
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0
}
