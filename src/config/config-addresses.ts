import type { IpRuleOptions, TargetOptions } from './options-addresses.ts'

/** Rules about addresses that code has fixed. */
export type IpRuleConfig = Readonly<Required<IpRuleOptions>>

/** How paths are read. */
export type TargetConfig = Readonly<Required<TargetOptions>>
