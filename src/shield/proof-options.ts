import { type Duration, didYouMean, parseDuration } from '../config/index.ts'
import type { ProofRule } from './policy.ts'

/** How recent and how strong the caller's last proof has to be, beside the permission. */
export interface ProofOptions {
  /**
   * How long ago the caller's last proof was at most, for example `'5m'`. Of whoever has a second factor it
   * is a proof of that.
   */
  readonly within?: Duration
  /** 2: two distinct factors, or a passkey whose authenticator checked its user. */
  readonly level?: 1 | 2
}

/** The rule that options mean, or in words what is wrong with them. */
export type ReadProof =
  | { readonly ok: true; readonly rule: ProofRule }
  | { readonly ok: false; readonly fault: string }

/** Reads options as somebody wrote them, in plain JavaScript perhaps; `known` are names beside ours. */
export function readProofOptions(options: ProofOptions, known: readonly string[] = []): ReadProof {
  const fault = faultOf(options, [...known, 'within', 'level'])
  if (fault !== undefined) return { ok: false, fault }
  const { level, within } = options
  const withinMs = within === undefined ? undefined : parseDuration(within)
  const rule = {
    ...(withinMs === undefined ? {} : { withinMs }),
    ...(level === undefined ? {} : { level }),
  }
  return { ok: true, rule: Object.freeze(rule) }
}

function faultOf(options: unknown, names: readonly string[]): string | undefined {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return "write the options as an object, for example { within: '5m', level: 2 }"
  }
  const stranger = Object.keys(options).find((name) => !names.includes(name))
  if (stranger !== undefined) {
    return `there is no option '${stranger}'.${didYouMean(stranger, names)} The options are ${names.join(', ')}`
  }
  const { level, within } = options as Readonly<Record<string, unknown>>
  return withinFault(within) ?? levelFault(level)
}

function withinFault(within: unknown): string | undefined {
  if (within === undefined) return undefined
  if (typeof within === 'string' && parseDuration(within) !== undefined) return undefined
  const example = typeof within === 'number' && within > 0 ? `${within}s` : '5m'
  return `within: write how long with its unit, for example '${example}'`
}

function levelFault(level: unknown): string | undefined {
  if (level === undefined || level === 1 || level === 2) return undefined
  return 'level: write 1 (one factor) or 2 (two factors), as a number'
}
