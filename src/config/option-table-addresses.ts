import { cidrFlaw } from './address.ts'
import { list, oneOf, text } from './fields.ts'
import { group } from './option-parts.ts'
import type { IpRuleOptions, TargetOptions } from './options-addresses.ts'

const ranges = list(text({ accepts: 'addresses or CIDR ranges', flaw: cidrFlaw }))

export const ipRules = group<IpRuleOptions>({ allow: ranges, deny: ranges, admin: ranges })

export const target = group<TargetOptions>({ encodedSlash: oneOf(['refuse', 'allow'], 'refuse') })
