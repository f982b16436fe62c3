import type { CspAdviceCode } from './advice.ts'
import { decidingDirective, type Policy } from './directives.ts'
import { extensionPlace, otherPlace } from './place.ts'
import type { CspFinding } from './store.ts'

/** What to do about a finding. */
export type Judgement =
  | { readonly kind: 'allow'; readonly source: string }
  | { readonly kind: 'advise'; readonly code: CspAdviceCode }
  /** A browser extension's, or allowed by now. */
  | { readonly kind: 'left_out' }

export interface JudgeBase {
  readonly policy: Policy
  /** The app is served over HTTPS. */
  readonly secure: boolean
}

type Finding = Pick<CspFinding, 'directive' | 'blocked' | 'source'>

const leftOut: Judgement = { kind: 'left_out' }

/** Directives that no reported source is ever added to. */
const adviceOnly: Readonly<Record<string, CspAdviceCode>> = {
  'require-trusted-types-for': 'trusted_types',
  'trusted-types': 'trusted_types',
  'object-src': 'plugin',
  'base-uri': 'base',
  'frame-ancestors': 'framed',
  sandbox: 'unclear',
  'upgrade-insecure-requests': 'insecure',
  'default-src': 'unclear',
}

const keywordAdvice: Readonly<Record<string, CspAdviceCode>> = {
  eval: 'eval',
  'wasm-eval': 'wasm',
  'trusted-types-policy': 'trusted_types',
  'trusted-types-sink': 'trusted_types',
  [otherPlace]: 'unclear',
}

/** Directives whose content can do nothing to the page, and may come from `data:` and `blob:`. */
const passive: ReadonlySet<string> = new Set(['img-src', 'media-src', 'font-src'])

/**
 * What to do about one finding. Never allowed: inline code, `eval`, schemes instead of addresses for
 * anything that runs, plain HTTP below HTTPS, and whatever the policy is there to stop.
 */
export function judgeFinding(finding: Finding, base: JudgeBase): Judgement {
  const { blocked, directive, source } = finding
  if (source === extensionPlace || blocked === extensionPlace) return leftOut
  const code = adviceOnly[directive] ?? keywordAdvice[blocked] ?? inlineAdvice(finding)
  if (code !== undefined) return advise(code)
  const wanted = blocked === 'self' ? "'self'" : blocked
  const list = listOf(directive, base.policy)
  if (list.includes(wanted)) return leftOut
  const refused = refusalOf({ directive, wanted, list, secure: base.secure })
  return refused === undefined ? { kind: 'allow', source: wanted } : advise(refused)
}

function advise(code: CspAdviceCode): Judgement {
  return { kind: 'advise', code }
}

function inlineAdvice({ blocked, directive }: Finding): CspAdviceCode | undefined {
  if (blocked !== 'inline') return undefined
  if (directive === 'style-src-attr') return 'style_attribute'
  if (directive.startsWith('style-src')) return 'inline_style'
  return directive.startsWith('script-src') ? 'inline_script' : 'unclear'
}

function listOf(directive: string, policy: Policy): readonly string[] {
  return policy[decidingDirective(policy, directive) ?? ''] ?? []
}

interface Wish {
  readonly directive: string
  /** As a policy would name it. */
  readonly wanted: string
  /** What is allowed there now. */
  readonly list: readonly string[]
  readonly secure: boolean
}

function refusalOf({ directive, list, secure, wanted }: Wish): CspAdviceCode | undefined {
  const isScheme = wanted.endsWith(':')
  if (secure && /^(?:http|ws):\/\//.test(wanted)) return 'insecure'
  if (directive.startsWith('script-src')) {
    if (isScheme) return 'script_from_data'
    // Browsers look at no address beside it, so naming one would change nothing.
    return list.includes("'strict-dynamic'") ? 'script_by_nonce' : undefined
  }
  if (!isScheme) return undefined
  if (directive === 'worker-src') return 'script_from_data'
  const isPicture = wanted === 'data:' || wanted === 'blob:'
  return passive.has(directive) && isPicture ? undefined : 'data'
}
