/*
 * The scoring of MDN HTTP Observatory, algorithm version 5, from the headers of one answer over HTTPS:
 * its tests and modifiers are written again here from the published table
 * (https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring). Left out is what no header
 * tells: the preload list of browsers (a bonus), and the redirection of plain HTTP, which is tested with
 * the server. Nothing here scores more than the original would give.
 */

export interface Scored {
  readonly score: number
  /** Modifier by test. */
  readonly modifiers: Readonly<Record<string, number>>
}

/** Below this, bonuses do not count. */
const enoughForBonus = 90

const broad: ReadonlySet<string> = new Set([
  ...['ftp:', 'http:', 'https:', '*', 'http://*', 'http://*.*', 'https://*', 'https://*.*'],
])
const inline: ReadonlySet<string> = new Set(["'unsafe-inline'", 'data:'])

/** The score of an answer: 100, with what each test adds or takes. */
export function scoreOf(headers: Headers, html: string): Scored {
  const policy = policyOf(headers.get('content-security-policy'))
  const modifiers = {
    csp: cspModifier(policy),
    cookies: cookiesModifier(headers.getSetCookie()),
    cors: corsModifier(headers),
    referrerPolicy: referrerModifier(headers.get('referrer-policy')),
    hsts: hstsModifier(headers.get('strict-transport-security')),
    scripts: scriptsModifier(html),
    contentType: headers.get('x-content-type-options') === 'nosniff' ? 0 : -5,
    frames: framesModifier(headers.get('x-frame-options'), policy),
    crossOriginResource: oneOf(headers.get('cross-origin-resource-policy'), {
      ...{ 'same-origin': 10, 'same-site': 10, 'cross-origin': 0 },
    }),
    crossOriginOpener: oneOf(headers.get('cross-origin-opener-policy'), {
      ...{ 'same-origin': 10, 'same-origin-allow-popups': 10, 'unsafe-none': 0 },
    }),
    crossOriginEmbedder: oneOf(headers.get('cross-origin-embedder-policy'), {
      ...{ 'require-corp': 10, credentialless: 10, 'unsafe-none': 0 },
    }),
  }
  const all = Object.values(modifiers)
  const without = sum(all.filter((one) => one < 0))
  return { score: without >= enoughForBonus - 100 ? 100 + sum(all) : 100 + without, modifiers }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

function oneOf(value: string | null, known: Readonly<Record<string, number>>): number {
  return value === null ? 0 : (known[value] ?? -5)
}

type Policy = ReadonlyMap<string, ReadonlySet<string>>

function policyOf(value: string | null): Policy | undefined {
  if (value === null) return undefined
  const directives = value.split(';').map((part) => part.trim().split(/\s+/))
  return new Map(
    directives.map(([name = '', ...sources]) => [name.toLowerCase(), new Set(sources)] as const),
  )
}

function cspModifier(policy: Policy | undefined): number {
  if (!policy) return -25
  const fallback = policy.get('default-src') ?? new Set(['*'])
  const scripts = activeScripts(policy.get('script-src') ?? fallback)
  const objects = policy.get('object-src') ?? fallback
  const styles = withoutInline(policy.get('style-src') ?? fallback)
  if (!scripts) return -25
  if (has(scripts, broad) || has(scripts, inline) || has(objects, broad)) return -20
  const isPassive = (name: string) => name === 'img-src' || name === 'media-src'
  const others = [...policy].filter(([name]) => name !== 'script-src')
  const plain = (lists: typeof others) => lists.some(([, list]) => [...list].some(isPlain))
  if (plain(others.filter(([name]) => !isPassive(name))) || [...scripts].some(isPlain)) return -20
  if (scripts.has("'unsafe-eval'") || styles.has("'unsafe-eval'")) return -10
  if (plain(others.filter(([name]) => isPassive(name)))) return -10
  if (has(styles, broad) || has(styles, inline)) return 0
  return fallback.size === 1 && fallback.has("'none'") ? 10 : 5
}

/** What decides about scripts; undefined for `strict-dynamic` that nothing can start from. */
function activeScripts(sources: ReadonlySet<string>): ReadonlySet<string> | undefined {
  if (!sources.has("'strict-dynamic'")) return withoutInline(sources)
  if (![...sources].some(isNonceOrHash)) return undefined
  const ignored = (source: string) =>
    source === "'self'" || [...broad].some((one) => source.startsWith(one))
  return new Set([...withoutInline(sources)].filter((source) => !ignored(source)))
}

function withoutInline(sources: ReadonlySet<string>): ReadonlySet<string> {
  if (![...sources].some(isNonceOrHash)) return sources
  return new Set([...sources].filter((source) => source !== "'unsafe-inline'"))
}

function isNonceOrHash(source: string): boolean {
  return /^'(?:nonce|sha256|sha384|sha512)-/.test(source)
}

function isPlain(source: string): boolean {
  return source.startsWith('http:') || source.startsWith('ftp:')
}

function has(sources: ReadonlySet<string>, some: ReadonlySet<string>): boolean {
  return [...sources].some((source) => some.has(source))
}

function cookiesModifier(cookies: readonly string[]): number {
  if (cookies.length === 0) return 0
  const all = cookies.map((cookie) => cookie.toLowerCase())
  if (all.some((cookie) => !cookie.includes('; secure'))) return -20
  const sessions = all.filter((cookie) => /^[^=]*(?:sess|login)/.test(cookie))
  if (sessions.some((cookie) => !cookie.includes('; httponly'))) return -30
  return all.every((cookie) => /; samesite=(?:lax|strict)/.test(cookie)) ? 5 : 0
}

function corsModifier(headers: Headers): number {
  const origin = headers.get('access-control-allow-origin')
  const open = headers.get('access-control-allow-credentials') === 'true'
  return open && origin !== null ? -50 : 0
}

function referrerModifier(value: string | null): number {
  if (value === null) return 0
  const good = ['no-referrer', 'same-origin', 'strict-origin', 'strict-origin-when-cross-origin']
  return good.includes(value.split(',').at(-1)?.trim() ?? '') ? 5 : -5
}

function hstsModifier(value: string | null): number {
  const age = /(?:^|;)\s*max-age=(\d+)/.exec(value ?? '')?.[1]
  if (age === undefined) return -20
  return Number(age) >= 15_768_000 ? 0 : -10
}

function scriptsModifier(html: string): number {
  const foreign = [...html.matchAll(/<script\b[^>]*\bsrc="((?:https?:)?\/\/[^"]*)"[^>]*>/g)]
  if (foreign.length === 0) return 0
  if (foreign.some(([, address = '']) => !address.startsWith('https:'))) return -50
  return foreign.every(([tag]) => tag.includes(' integrity="')) ? 5 : -5
}

function framesModifier(value: string | null, policy: Policy | undefined): number {
  if (policy?.has('frame-ancestors')) return 5
  return value !== null && /^(?:deny|sameorigin)$/i.test(value) ? 5 : -20
}
