import { oneOf } from './fields.ts'
import { group } from './option-parts.ts'
import type { ShieldOptions } from './options-shield.ts'

const mode = oneOf(['off', 'shadow', 'on'], 'on')

export const shield = group<ShieldOptions>({
  ipRules: mode,
  https: mode,
  size: mode,
  limits: mode,
  csrf: mode,
  validation: mode,
  access: mode,
})
