/** A mail as it leaves us. `to` is one address that has already been checked. */
export interface OutgoingMail {
  readonly messageId: string
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Delivers one mail or throws. A delivery that threw is tried again with the same `messageId`. */
export interface Mailer {
  send(mail: OutgoingMail): Promise<void>
  /** Asked once at start; rejects when no mail could ever be sent, so that the process does not start. */
  ready?(): Promise<void>
  close?(): Promise<void>
}
