import { z } from 'zod'
import { commonErrors } from '../errors/index.ts'
import { type Answer, type Exchange, type Route, route, singleHeader } from '../http/index.ts'
import type { DevelopmentMailbox } from './mailbox.ts'
import { renderMailboxPage } from './mailbox-page.ts'
import { isLoopback } from './smtp-url.ts'

const localHost = /^(?:localhost|127\.0\.0\.1)(?::\d{1,5})?$/i
const proxyHeader =
  /^(?:forwarded|via|x-forwarded(?:-.*)?|x-real-ip|x-client-ip|x-original-.*|true-client-ip|cf-connecting-ip|cf-ray)$/
const recipient = z.object({ to: z.string().max(320).optional() })

/**
 * `GET /dev/mailbox`: a page for people, a bare JSON array for `Accept: application/json`, and
 * `?to=` for one recipient. To anyone but a browser or program on this machine that came without a
 * proxy it is 404, as if it were not there: its mails hold live links.
 */
export function mailboxRoutes(mailbox: DevelopmentMailbox): Route[] {
  const list = route({
    method: 'GET',
    path: '/dev/mailbox',
    summary: 'Mails kept by the development mailbox',
    policy: { kind: 'public' },
    kind: 'page',
    query: recipient,
    responses: { 200: { description: 'The mails, newest first.' } },
    problems: ['not_found'],
    handle: async ({ exchange, query }) => {
      if (!isFromThisMachine(exchange)) throw commonErrors.not_found()
      return answerMails(exchange, mailbox, query.to)
    },
  })
  return [list]
}

/** Loopback peer, local Host (else a rebound DNS name could read it), no trace of a proxy. */
export function isFromThisMachine(exchange: Exchange): boolean {
  const host = singleHeader(exchange.headers, 'host')
  if (host === undefined || !localHost.test(host)) return false
  if (!isLoopback(exchange.peerAddress)) return false
  return !Object.keys(exchange.headers).some((name) => proxyHeader.test(name.toLowerCase()))
}

function answerMails(exchange: Exchange, mailbox: DevelopmentMailbox, to?: string): Answer {
  const mails = mailbox.list({ to })
  const headers = { 'cache-control': 'no-store', vary: 'accept' }
  const accept = singleHeader(exchange.headers, 'accept') ?? ''
  const wantsJson = /\bapplication\/json\b/i.test(accept) && !/\btext\/html\b/i.test(accept)
  if (wantsJson) return { status: 200, json: mails, headers }
  return { status: 200, html: renderMailboxPage(mails, exchange.state.nonce), headers }
}
