import type { LimitPolicyConfig } from './config.ts'

/** One limit of the app. */
export interface AppLimitPolicyConfig extends LimitPolicyConfig {
  readonly store: 'memory' | 'exact'
  readonly insurance: 'refuse' | 'memory'
}
