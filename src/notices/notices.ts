import type { Trx } from '../database/index.ts'
import type { EventInput, EventName, Recorder } from '../events/index.ts'
import type { MailFacts, MailRenderer, Outbox } from '../mail/index.ts'
import type { Clock } from '../ports/index.ts'
import type { Links } from '../recovery/index.ts'
import { findUserById, type UserRow } from '../users/index.ts'
import { type Notice, type NoticeRules, noticeOf } from './notice.ts'
import { claimNotice } from './store.ts'

export interface NoticesParts {
  readonly outbox: Outbox
  readonly links: Links
  readonly render: MailRenderer
  readonly clock: Clock
  readonly appName: string
  readonly rules: NoticeRules
  /** How long the link of a notice works. */
  readonly linkMs: number
  /** Absolute address of the account pages, from `baseUrl`. */
  readonly accountPage: string
}

const dayMs = 24 * 60 * 60 * 1000

/** What is written for a name that nobody has; it never leaves. */
const nobody = { id: '00000000-0000-7000-8000-000000000000', email: 'nobody@example.invalid' }

/**
 * Tells owners by mail what happened to their account, with a link that says "this was not me". A
 * notice is written in the transaction of what it tells of: none is lost, and none tells of what did
 * not happen. A name that nobody has costs the same statements.
 */
export class Notices implements Recorder {
  readonly #parts: NoticesParts

  constructor(parts: NoticesParts) {
    this.#parts = parts
  }

  async record<N extends EventName>(trx: Trx, event: EventInput<N>): Promise<void> {
    const notice = noticeOf(event as unknown as EventInput)
    if (!notice || !this.#parts.rules[notice.rule]) return
    if (notice.sparing && !(await this.#isDue(trx, notice, event))) return
    const user = await findUserById(trx, notice.userId ?? nobody.id)
    await this.#send(trx, { notice, user, facts: this.#facts(event, notice) })
  }

  /** By when its owner was last told, not by when it last happened: else it is told once and never again. */
  async #isDue(trx: Trx, { template, userId }: Notice, { resource }: EventInput): Promise<boolean> {
    if (!resource || userId === undefined) return true
    const now = this.#parts.clock.now()
    const told = { user_id: userId, template, resource_id: resource.id, told_at: now }
    return claimNotice(trx, told, now - dayMs)
  }

  async #send(
    trx: Trx,
    {
      notice,
      user,
      facts,
    }: {
      readonly notice: Notice
      readonly user: UserRow | undefined
      readonly facts: MailFacts
    },
  ): Promise<void> {
    const { appName, clock, linkMs: lifeMs, links, outbox, render } = this.#parts
    const { left, purpose, template, until } = notice
    const to = notice.to ?? user?.email ?? nobody.email
    const suppressed = !isInUse(user)
    const userId = suppressed ? undefined : user?.id
    const token = await links.issue(trx, { purpose, userId, email: to, lifeMs })
    const link = this.#address(notice, token)
    const name = user?.display_name
    const content = render(template, {
      ...{ appName, link, lifeMs, facts },
      ...(name ? { displayName: name } : {}),
      ...(left === undefined ? {} : { left }),
      ...(until === undefined ? {} : { until }),
    })
    const expiresAt = clock.now() + lifeMs
    await outbox.enqueue(trx, { kind: template, to, ...content, expiresAt, suppressed })
  }

  #address({ purpose }: Notice, token: string): string {
    const page = purpose === 'undo_email' ? 'undo-email' : 'not-me'
    return `${this.#parts.accountPage}/${page}?token=${token}`
  }

  /** Where an administrator sat is not the owner's to know. */
  #facts({ actor, origin }: EventInput, { userId }: Notice): MailFacts {
    const at = this.#parts.clock.now()
    const byOwner = actor.kind === 'anonymous' || (actor.kind === 'user' && actor.id === userId)
    return byOwner ? { at, ip: origin?.ip, userAgent: origin?.userAgent } : { at }
  }
}

/** Whoever has not confirmed the address yet, or is shut out, is told nothing. */
function isInUse(user: UserRow | undefined): boolean {
  return user?.status === 'active' || user?.status === 'locked'
}
