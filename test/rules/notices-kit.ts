import type { OutgoingMail } from '../../src/ports/index.ts'
import type { HttpAnswer } from '../nodes/nodes.ts'
import { from, goodPassword, type Site } from './identity-kit.ts'

export const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
export const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1'
export const newPassword = 'a second staple for the horse 43'
export const ownersClient = '203.0.113.9'

/** What a client looks like from our side. */
export interface Client {
  readonly userAgent?: string
  readonly address?: string
}

/** An account as if its owner had registered it, which has never been signed in to. */
export async function account(site: Site, email: string, displayName?: string): Promise<string> {
  const id = await madeAccount(site, email, displayName)
  await site.security.parts.ground.database.transaction((trx) =>
    trx.updateTable('hf_users').set({ created_by: null }).where('id', '=', id).execute(),
  )
  return id
}

/** An account made by code, which has never been signed in to. */
export async function madeAccount(
  site: Site,
  email: string,
  displayName?: string,
): Promise<string> {
  const name = displayName === undefined ? {} : { displayName }
  const { id } = await site.security.users.create({ email, password: goodPassword, ...name })
  return id
}

export function login(site: Site, email: string, client: Client = {}): Promise<HttpAnswer> {
  return guess(site, email, { ...client, password: goodPassword })
}

export function guess(
  site: Site,
  email: string,
  { password, ...client }: Client & { readonly password: string },
): Promise<HttpAnswer> {
  const body = { email, password, transport: 'body' }
  return site.post('/auth/login', body, headersOf(client))
}

export function headersOf({ address = ownersClient, userAgent = firefox }: Client) {
  return { ...from(address), 'x-forwarded-proto': 'https', 'user-agent': userAgent }
}

/** Signs in and gives what a call of the owner carries. */
export async function signedIn(
  site: Site,
  email: string,
  client: Client = {},
): Promise<Record<string, string>> {
  const { json, status } = await login(site, email, client)
  if (status !== 200) throw new Error(`sign-in answered ${status}`)
  return { ...headersOf(client), authorization: `Bearer ${json.accessToken}` }
}

/** Everything that was mailed to an address since, after delivery, that is no answer to a form. */
export async function notices(site: Site, email: string): Promise<readonly OutgoingMail[]> {
  await site.deliverMail()
  return site.mailbox.list(email).filter(({ subject }) => noticeSubject.test(subject))
}

const noticeSubject =
  /^(?:Your (?:password|address) for .* was changed|New sign-in to|Somebody is guessing)/

/** The page and the token of the only link of a mail. */
export function linkOf(mail: OutgoingMail | undefined): { page: string; token: string } {
  const links = mail?.text.match(/https?:\/\/\S+/g) ?? []
  if (links.length !== 1) throw new Error(`${links.length} links in a mail`)
  const url = new URL(String(links[0]))
  return { page: url.origin + url.pathname, token: url.searchParams.get('token') ?? '' }
}

/** Guesses from as many clients until the owner is warned, and once more. */
export async function besiege(site: Site, email: string, guesses = 10): Promise<void> {
  for (let at = 0; at < guesses; at++) {
    await site.advance(20 * 60_000)
    await guess(site, email, { password: `wrong ${at}`, address: `198.51.100.${at}` })
  }
}

export type Headers = Readonly<Record<string, string>>

/** Makes each of the four notices happen to a new account, in the order of `NoticeOptions`. */
export async function everything(
  site: Site,
  email: string,
  { displayName, headers = {} }: { readonly displayName?: string; readonly headers?: Headers } = {},
): Promise<void> {
  await account(site, email, displayName)
  await besiege(site, email)
  await site.advance(3_600_000)
  const owner = { ...(await signedIn(site, email)), ...headers }
  await login(site, email, { userAgent: headers['user-agent'] ?? safari, address: '192.0.2.51' })
  const change = { currentPassword: goodPassword, password: newPassword }
  await site.post('/auth/password/change', change, owner)
  const move = { email: `new-${email}`, currentPassword: newPassword }
  await site.post('/auth/email/change', move, owner)
  await site.deliverMail()
  const token = site.mailbox.latestToken(`new-${email}`)
  await site.post('/auth/email/confirm', { token }, { ...headersOf({}), ...headers })
}
