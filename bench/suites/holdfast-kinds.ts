import { probeHoldfast } from '../harness/holdfast-probe.ts'
import type { HttpKind } from '../harness/http-bench.ts'
import type { Prepared } from '../harness/prepared.ts'
import { withTokens } from './requests.ts'

/** How one kind of ours differs from the defaults. */
export interface HoldfastVariant {
  readonly script: 'holdfast-express' | 'holdfast-node'
  readonly mount?: 'protect' | 'middleware'
  readonly headers?: 'off'
  readonly record?: boolean
  /** What callers show; by default tokens of accounts with one role. */
  readonly callers?: 'keys' | 'manyRoles'
}

/** A server of ours under accepted requests, with a probe of every control. */
export function holdfastKind(name: string, prepared: Prepared, variant: HoldfastVariant): HttpKind {
  const { callers = 'tokens', script, ...choice } = variant
  let folder = ''
  return {
    name,
    script,
    answers: 'accepted',
    options: () => {
      folder = prepared.copy()
      return { ...choice, folder, masterKey: prepared.masterKey }
    },
    requests: () => withTokens(prepared[callers]),
    probe: (server) =>
      probeHoldfast(server, {
        prepared,
        headers: variant.headers !== 'off',
        ...(variant.record ? { recordIn: folder } : {}),
      }),
  }
}
