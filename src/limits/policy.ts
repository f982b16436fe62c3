import type { AppLimitPolicyConfig, LimitConfig, LimitPolicyConfig } from '../config/index.ts'
import { limitErrors } from './errors.ts'

/** A limit by name: so many points in a window that begins with the first use. */
export interface LimitPolicy {
  /** A word, seen by clients in `RateLimit-Policy`. */
  readonly name: string
  readonly points: number
  readonly windowMs: number
  /** Once refused, refuse for this long; without it until the window ends. */
  readonly blockMs?: number
  /**
   * `memory`: fast, of this process. `sql`: exact, of all nodes, outlives a restart; kept in Valkey
   * where the options name one.
   */
  readonly store: 'memory' | 'sql'
  /**
   * What holds while the database is away: refuse with 503, or count in this process's memory
   * meanwhile. There is no third choice: a limit never opens because its store is gone.
   */
  readonly insurance?: 'refuse' | 'memory'
}

/** What a consumption came to. */
export interface LimitVerdict {
  readonly allowed: boolean
  /** Name of the policy. */
  readonly policy: string
  /** Points of a whole window. */
  readonly limit: number
  readonly remaining: number
  /** Whole seconds until points come back; at least 1, and more than the window only while a block lasts. */
  readonly resetSeconds: number
  readonly windowSeconds: number
  /** End of the window on the clock of its store. It identifies the window to `refund`. */
  readonly endsAt: number
  /** Where it was counted; `refund` gives it back there and nowhere else. */
  readonly store: 'memory' | 'sql' | 'valkey'
}

/** Throws `limit_policy_invalid` for what could not be counted or written into a header. */
export function checkPolicy(policy: LimitPolicy): LimitPolicy {
  const numbers = [policy.points, policy.windowMs, policy.blockMs ?? 1]
  const countable = numbers.every((value) => Number.isSafeInteger(value) && value > 0)
  if (countable && policy.points < 2 ** 31 && /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/.test(policy.name)) {
    return policy
  }
  const { blockMs = 'none', name, points, windowMs } = policy
  const explanation = `limit '${name}': points ${points}, windowMs ${windowMs}, blockMs ${blockMs}; write a name that begins with a letter, and whole numbers from 1`
  throw limitErrors.limit_policy_invalid({ explanation })
}

/** Things that one client may be the first to report in a day; more is added up by directive. */
const cspRows: LimitPolicyConfig = { points: 50, windowMs: 24 * 60 * 60 * 1000 }

/**
 * The policies of a configuration. Failed proofs and mails are counted in SQL, exactly and for all
 * nodes; requests are counted in memory, where it costs nothing.
 */
export function policiesOf(config: LimitConfig): readonly LimitPolicy[] {
  const memory = (name: string, policy: LimitPolicyConfig): LimitPolicy => ({
    name,
    ...policy,
    store: 'memory',
  })
  const sql = (name: string, policy: LimitPolicyConfig): LimitPolicy => ({
    name,
    ...policy,
    store: 'sql',
    insurance: 'refuse',
  })
  return [
    memory('general', config.general),
    memory('account', config.account),
    sql('auth', config.auth),
    sql('auth_client', config.authClient),
    sql('mail_address', config.mailAddress),
    sql('mail_client', config.mailClient),
    memory('password_check', config.passwordCheck),
    memory('csp_reports', config.cspReports),
    memory('csp_rows', cspRows),
    ...Object.entries(config.policies).map(([name, policy]) => appPolicy(name, policy)),
  ]
}

function appPolicy(name: string, policy: AppLimitPolicyConfig): LimitPolicy {
  const { insurance, store, ...rest } = policy
  return store === 'exact'
    ? { name, ...rest, store: 'sql', insurance }
    : { name, ...rest, store: 'memory' }
}

/**
 * The quota of an API key: so many requests an hour, counted in memory. Each key has its own; the one of
 * a usual key is registered, so that nodes tell each other what they counted.
 */
export function keyPolicy(points: number): LimitPolicy {
  return { name: 'api_key', points, windowMs: 60 * 60 * 1000, store: 'memory' }
}

/**
 * A verdict about a window of which `used` points are gone. Times on one clock. No end is further away than
 * a whole window or block, as it seems by the rounding of fractions and by the clock of another node.
 */
export function verdictOf(
  policy: LimitPolicy,
  allowed: boolean,
  window: { used: number; endsAt: number; now: number; store: LimitVerdict['store'] },
): LimitVerdict {
  const longest = allowed ? policy.windowMs : Math.max(policy.windowMs, policy.blockMs ?? 0)
  const leftMs = Math.min(window.endsAt - window.now, longest)
  return {
    allowed,
    policy: policy.name,
    limit: policy.points,
    remaining: Math.max(0, policy.points - window.used),
    resetSeconds: Math.max(1, Math.ceil(leftMs / 1_000)),
    windowSeconds: Math.ceil(policy.windowMs / 1_000),
    endsAt: window.endsAt,
    store: window.store,
  }
}
