import type { Access } from '../access/index.ts'
import {
  ApiKeys,
  KeyAuthenticator,
  KeyImports,
  KeyOwners,
  KeyUsage,
  KeyVerdicts,
  ServiceAccounts,
} from '../api-keys/index.ts'
import type { Config } from '../config/index.ts'
import type { Ground } from './ground.ts'

/** API keys and the accounts of programs. */
export interface KeyRooms {
  readonly apiKeys: ApiKeys
  readonly serviceAccounts: ServiceAccounts
  readonly keyAuthenticator: KeyAuthenticator
  readonly keyUsage: KeyUsage
  readonly keyImports: KeyImports
}

/** Wires API keys; what this node remembers of them hears of revocations. */
export function wireApiKeys(ground: Ground, access: Access): KeyRooms {
  const { config, database, recorder, revocations } = ground
  const { clock, logger, mfa, random } = config
  const rules = rulesOf(config)
  const owners = new KeyOwners({ access, mfa })
  const usage = new KeyUsage({ database, clock, logger })
  const verdicts = new KeyVerdicts({ database, access, owners, clock, bounds: rules })
  revocations.subscribe(verdicts)
  const changing = { database, access, recorder, revocations, clock, random }
  return {
    apiKeys: new ApiKeys({ ...changing, owners, usage, rules }),
    serviceAccounts: new ServiceAccounts({
      ...changing,
      superAdminRole: config.access.superAdminRole,
    }),
    keyAuthenticator: new KeyAuthenticator({
      ...{ database, recorder, revocations, verdicts, usage, clock, logger },
    }),
    keyUsage: usage,
    keyImports: new KeyImports({ recorder, clock, random, rules }),
  }
}

/** Keys of development are told from others at sight. */
function rulesOf({ apiKeys, mode }: Config) {
  return {
    ...apiKeys,
    environment: apiKeys.environment ?? (mode === 'development' ? 'test' : 'live'),
  }
}
