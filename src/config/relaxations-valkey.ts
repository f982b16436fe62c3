import type { RelaxationCheck } from './relaxations.ts'
import { isOpenValkey, isPlainValkey } from './valkey-address.ts'

/** What lets others at the counters. */
export const valkeyChecks: readonly RelaxationCheck[] = [
  [
    'valkey.url',
    (c) => isPlainValkey(c.valkey?.url),
    'Valkey is on another machine and not reached by TLS (rediss): whoever is on the way can read its password and reset counters.',
  ],
  [
    'valkey.url',
    (c) => isOpenValkey(c.valkey?.url),
    'Valkey is on another machine and asks for no password: whoever reaches it can reset counters.',
  ],
]
