/** Why a fetch came to nothing, in a word that stays. */
export type FetchFaultReason =
  | 'address'
  | 'scheme'
  | 'userinfo'
  | 'host'
  | 'port'
  | 'origin'
  | 'dns'
  | 'private'
  | 'connected'
  | 'downgrade'
  | 'redirect-body'
  | 'redirect-address'
  | 'redirects'
  | 'encoding'
  | 'incomplete'
  | 'json'
  | 'busy'

const texts: Readonly<Record<FetchFaultReason, string>> = {
  address: 'the text is no absolute address',
  scheme: 'only https: may be called, and http: where the option `http` says so',
  userinfo: 'an address with a user name or password is not called',
  host: 'the address names no host',
  port: 'the port is not 443 or 80 and not one of the option `ports`',
  origin: 'the origin is none of the option `allow`',
  dns: 'the name has no address, or nobody could tell it',
  private: 'an address behind the name is not of the public internet nor of the option `networks`',
  connected: 'the connection led to another address than those that were checked',
  downgrade: 'a redirect leads from https: to http:',
  'redirect-body': 'a redirect would take a body or an unsafe method to another origin',
  'redirect-address': 'a redirect names no address',
  redirects: 'there are more redirects than the option `redirects` follows',
  encoding: 'the answer is packed, though nobody asked for that',
  incomplete: 'there was no connection, or it ended before the answer did',
  json: 'the answer is no JSON',
  busy: 'too many names are being looked up',
}

/** Every one of them. */
export const fetchFaultReasons = Object.keys(texts) as readonly FetchFaultReason[]

/**
 * The `cause` of `fetch_refused` and `fetch_failed`: for developers and the log, never for whoever chose the
 * address, whom it would tell what there is inside. It names no address, and nothing of it is written by
 * `JSON.stringify`.
 */
export class FetchFault extends Error {
  readonly #reason: FetchFaultReason

  constructor(reason: FetchFaultReason, cause?: unknown) {
    super(`${reason}: ${texts[reason]}`, cause === undefined ? undefined : { cause })
    this.#reason = reason
  }

  get reason(): FetchFaultReason {
    return this.#reason
  }

  override get name(): string {
    return 'FetchFault'
  }
}
