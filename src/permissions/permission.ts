/**
 * The grammar of permissions: `action:resource[:sub...]`, segments of `a-z 0-9 _ -`.
 *
 * - `*` alone reaches everything, Holdfast's own `security:*` resources included.
 * - `*` inside a pattern stands for one segment; as the last segment for one or more segments.
 * - A `*` in the place of the resource never reaches `security`, which must be named.
 * - `write` covers the actions `create` and `update` as well, never `delete`. A denial of one of these
 *   two denies `write` too: it cannot be asked for in half.
 */
const segmentShape = /^[a-z0-9][a-z0-9_-]{0,63}$/

/** True for a concrete permission, the only kind that may be asked for. */
export function isPermission(text: string): boolean {
  const segments = text.split(':')
  return segments.length >= 2 && segments.length <= 8 && segments.every((s) => segmentShape.test(s))
}

/** True for what a role may hold: a permission in which segments may be `*`, or `*` alone. */
export function isPattern(text: string): boolean {
  if (text === '*') return true
  const segments = text.split(':')
  if (segments.length < 2 || segments.length > 8) return false
  return segments.every((segment) => segment === '*' || segmentShape.test(segment))
}

/** Whether a pattern reaches the permission of these segments. */
export type PatternMatcher = (wanted: readonly string[]) => boolean

/** `pattern` made ready to be asked again and again; one rule of the grammar a line. */
export function patternMatcher(pattern: string): PatternMatcher {
  if (pattern === '*') return () => true
  const held = pattern.split(':')
  const openEnd = held.at(-1) === '*'
  return (wanted) => {
    if (!actionReaches(held[0], wanted[0])) return false
    if (held[1] === '*' && wanted[1] === 'security') return false
    if (openEnd ? wanted.length < held.length : wanted.length !== held.length) return false
    return held.every((segment, at) => at === 0 || segment === '*' || segment === wanted[at])
  }
}

/** Does `pattern` reach `permission`? */
export function patternReaches(pattern: string, permission: string): boolean {
  return patternMatcher(pattern)(permission.split(':'))
}

/**
 * `pattern` of a denial made ready. Whoever asks for `write` asks for `create` and `update` both, so a
 * denial of either reaches it.
 */
export function denialMatcher(pattern: string): PatternMatcher {
  const matches = patternMatcher(pattern)
  return (wanted) => eachWritten(wanted).some(matches)
}

/** Does a denial of `pattern` take all of `scope` away? Of `write` half is all, as it is for who asks. */
export function denialCovers(pattern: string, scope: string): boolean {
  return eachWritten(scope.split(':')).some((one) => patternCovers(pattern, one.join(':')))
}

/** What is asked for, and of `write` also the two that it is. */
function eachWritten([action = '', ...rest]: readonly string[]): readonly (readonly string[])[] {
  const actions = action === 'write' ? [action, ...written] : [action]
  return actions.map((one) => [one, ...rest])
}

const written: readonly string[] = Object.freeze(['create', 'update'])

function actionReaches(held: string | undefined, wanted: string | undefined): boolean {
  if (held === '*' || held === wanted) return true
  return held === 'write' && wanted !== undefined && written.includes(wanted)
}

/** Does everything that `inner` reaches also lie within `outer`? Both are patterns. */
export function patternCovers(outer: string, inner: string): boolean {
  if (outer === '*' || outer === inner) return true
  if (inner === '*') return false
  const wide = outer.split(':')
  const narrow = inner.split(':')
  if (!actionReaches(wide[0], narrow[0])) return false
  if (wide[1] === '*' && narrow[1] === 'security') return false
  const openEnd = wide.at(-1) === '*'
  if (narrow.at(-1) === '*' && !openEnd) return false
  if (openEnd ? narrow.length < wide.length : narrow.length !== wide.length) return false
  return wide.every((segment, at) => at === 0 || segment === '*' || segment === narrow[at])
}

/** Is there a permission that both patterns reach? */
export function patternsMeet(one: string, other: string): boolean {
  if (one === '*' || other === '*') return true
  const [short, long] = [one.split(':'), other.split(':')].sort((a, b) => a.length - b.length)
  if (!short || !long) return false
  if (!actionReaches(short[0], long[0]) && !actionReaches(long[0], short[0])) return false
  if (short.length < long.length && short.at(-1) !== '*') return false
  return short.every((segment, at) => at === 0 || segmentsMeet(segment, long[at], at))
}

function segmentsMeet(one: string, other: string | undefined, at: number): boolean {
  if (one === other) return true
  if (one !== '*' && other !== '*') return false
  return !(at === 1 && (one === 'security' || other === 'security'))
}
