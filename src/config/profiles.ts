import type { SecurityOptions } from './options.ts'

type Profile = Omit<SecurityOptions, 'masterKey'>

const halfDay = { absolute: '12h' } as const

/** What each profile changes in the defaults. An option that is given wins over its profile. */
export const profiles: Readonly<Record<'standard' | 'strict', Profile>> = Object.freeze({
  standard: {},
  strict: {
    sessions: { cookie: halfDay, session: halfDay, body: { idle: '12h', absolute: '12h' } },
    revocation: { maxStale: '1s' },
    detection: { mode: 'block' },
  },
})
