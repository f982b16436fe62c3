import { beforeAll } from 'vitest'
import type { UserRow } from '../../src/users/index.ts'
import {
  type AssertionJson,
  type RegistrationJson,
  SoftwareAuthenticator,
} from './authenticator.ts'
import { type OpenBench, openPasskeyBench } from './open-bench.ts'

/** Somebody with a passkey, and what her browser sends before it is spoilt. */
export interface HostileBench extends Pick<OpenBench, 'bench' | 'somebody'> {
  readonly owner: UserRow
  /** Holds her passkey; it keeps no counter. */
  readonly authenticator: SoftwareAuthenticator
  /** A new passkey of hers. */
  made(): Promise<RegistrationJson>
  /** A signature of the one that she has. */
  signed(): Promise<AssertionJson>
}

/** Opens the room before the tests of the file, and closes it after them. */
export function openHostileBench(): HostileBench {
  const opened = openPasskeyBench()
  const authenticator = new SoftwareAuthenticator({ counts: false })
  let owner: UserRow
  beforeAll(async () => {
    owner = await opened.somebody()
    await opened.bench.register(owner, authenticator)
  })
  return {
    authenticator,
    somebody: opened.somebody,
    get bench() {
      return opened.bench
    },
    get owner() {
      return owner
    },
    made: () => opened.bench.newPasskey(owner, new SoftwareAuthenticator()),
    signed: () => opened.bench.signature(authenticator),
  }
}

type Sent = Readonly<Record<string, unknown>> & { readonly response: object }

/** The same with another value in its `response`. */
export const withMember = (sent: Sent, name: string, value: unknown) => ({
  ...sent,
  response: { ...sent.response, [name]: value },
})
