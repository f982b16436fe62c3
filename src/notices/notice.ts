import type { EventInput, EventName } from '../events/index.ts'
import type { MailTemplate } from '../mail/index.ts'
import { type LinkPurpose, reportedByOwner } from '../recovery/index.ts'

/** Which notices are sent. */
export interface NoticeRules {
  readonly underAttack: boolean
  readonly newDevice: boolean
  readonly password: boolean
  readonly email: boolean
  readonly factors: boolean
  readonly apiKeys: boolean
}

/** Who is to be told of what. */
export interface Notice {
  readonly rule: keyof NoticeRules
  readonly template: MailTemplate
  /** What its link does. */
  readonly purpose: LinkPurpose
  /** Undefined when nobody has the name that the event is about. */
  readonly userId: string | undefined
  /** Where it goes, when not to the address of the account. */
  readonly to?: string
  /** Recovery codes that still work. */
  readonly left?: number
  /** By when something is to be done, in epoch milliseconds. */
  readonly until?: number
  /** Told once a day, however often it happens: whoever causes it could fill the mailbox. */
  readonly sparing?: true
}

type AnyEvent = { readonly [N in EventName]: EventInput<N> }[EventName]

/** The notice that an event calls for, if it calls for one. */
export function noticeOf(input: EventInput): Notice | undefined {
  return ofAccount(input as AnyEvent) ?? ofFactors(input as AnyEvent)
}

function ofAccount(event: AnyEvent): Notice | undefined {
  switch (event.name) {
    case 'password.reset':
    case 'password.changed':
    case 'user.password_set':
      return about('password', 'notice-password', event.payload.userId)
    case 'email.changed': {
      const { previousEmail: to, userId } = event.payload
      return { ...about('email', 'notice-email', userId), purpose: 'undo_email', to }
    }
    case 'sign_in.succeeded': {
      const { first, newDevice, userId } = event.payload
      return newDevice && !first ? about('newDevice', 'notice-new-device', userId) : undefined
    }
    case 'api_key.created': {
      const { ownerId, ownerKind } = event.payload
      return ownerKind === 'user' ? about('apiKeys', 'notice-api-key', ownerId) : undefined
    }
    case 'sign_in.attacked':
      return about('underAttack', 'notice-under-attack', event.payload.userId)
    case 'password.proof_attacked':
      return about('underAttack', 'notice-proof-attacked', event.payload.userId)
    default:
      return undefined
  }
}

function ofFactors(event: AnyEvent): Notice | undefined {
  switch (event.name) {
    case 'factor.enabled':
      return about('factors', `notice-${event.payload.factor}-added`, event.payload.userId)
    case 'factor.disabled':
      return event.reason === reportedByOwner
        ? undefined
        : about('factors', `notice-${event.payload.factor}-removed`, event.payload.userId)
    case 'factor.codes_renewed':
      return about('factors', 'notice-codes-renewed', event.payload.userId)
    case 'factor.code_used': {
      const { left, userId } = event.payload
      return { ...about('factors', 'notice-code-used', userId), left }
    }
    case 'factor.demanded': {
      const { dueAt: until, userId } = event.payload
      return { ...about('factors', 'notice-factor-demanded', userId), until }
    }
    case 'device.trusted':
      return about('factors', 'notice-device-trusted', event.payload.userId)
    case 'factor.reset_requested': {
      const { userId } = event.payload
      return { ...about('factors', 'notice-factors-reset-requested', userId), sparing: true }
    }
    case 'factor.reset':
      return about('factors', 'notice-factors-reset', event.payload.userId)
    case 'passkey.cloned':
      return { ...about('factors', 'notice-passkey-cloned', event.payload.userId), sparing: true }
    case 'sign_in.factor_attacked':
      return about('underAttack', 'notice-factor-attacked', event.payload.userId)
    default:
      return undefined
  }
}

function about(
  rule: keyof NoticeRules,
  template: MailTemplate,
  userId: string | undefined,
): Notice {
  return { rule, template, purpose: 'report', userId }
}
