import type { EventDefinitions } from '../events/index.ts'

/** `passkey.cloned`: a passkey signed with a counter that was seen before: its key is in two places. */
export interface PasskeyCloned {
  readonly userId: string
  readonly passkeyId: string
}

declare module '../events/event.ts' {
  interface EventMap {
    'passkey.cloned': PasskeyCloned
  }
}

export const passkeyEvents: EventDefinitions<'passkey.cloned'> = {
  'passkey.cloned': { severity: 'high', auditClass: 'security', keep: ['userId', 'passkeyId'] },
}
