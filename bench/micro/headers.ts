import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import helmet from 'helmet'
import type { Exchange } from 'holdfast'
import { type Opened, openHoldfast } from './holdfast.ts'
import type { Loop, Loops } from './main.ts'

/** Security headers on a response that is made, dressed and written to nowhere. */
export const loops: Loops = {
  'no headers': () => ({ run: () => finish(newResponse()) }),
  'setHeader loop': setHeaderLoop,
  Holdfast: accepted,
  'Holdfast, refusal': refusal,
  helmet: withHelmet,
}

interface Respond {
  applyHeaders(response: ServerResponse, exchange: Exchange): void
  sendAnswer(response: ServerResponse, exchange: Exchange, answer: unknown): void
}

/** The adapter's own functions, which have no door of their own in the package. */
async function respond(): Promise<Respond> {
  return import(new URL('adapters/node/respond.js', import.meta.resolve('holdfast')).href)
}

const request = new IncomingMessage(new Socket())

function newResponse(): ServerResponse {
  return new ServerResponse(request)
}

function finish(response: ServerResponse): undefined {
  response.setHeader('content-type', 'application/json')
  response.setHeader('content-length', '28')
  response.writeHead(200)
}

/** What the pipeline hands to the adapter, with a nonce of its own. */
function headersOf({ security }: Opened): () => string[] {
  const { headers, nonce } = security.parts.surface.pipeline
  return () => headers.forResponse({ secure: true, authenticated: false, nonce })
}

function exchangeOf(list: string[]): Exchange {
  return { method: 'GET', state: { responseHeaders: list } } as unknown as Exchange
}

async function setHeaderLoop(): Promise<Loop> {
  const opened = await openHoldfast()
  const list = headersOf(opened)()
  return {
    run() {
      const response = newResponse()
      for (let at = 0; at < list.length; at += 2) {
        response.setHeader(list[at] ?? '', list[at + 1] ?? '')
      }
      finish(response)
    },
    close: opened.close,
  }
}

async function accepted(): Promise<Loop> {
  const opened = await openHoldfast()
  const next = headersOf(opened)
  const { applyHeaders } = await respond()
  const policies = new Set([next()[1], next()[1]])
  return {
    run() {
      const response = newResponse()
      applyHeaders(response, exchangeOf(next()))
      finish(response)
    },
    decisions: () => ({ nonce: { allowed: policies.size - 1 } }),
    close: opened.close,
  }
}

async function refusal(): Promise<Loop> {
  const opened = await openHoldfast()
  const next = headersOf(opened)
  const { sendAnswer } = await respond()
  const answer = { status: 401, json: { title: 'authentication_required' } }
  return {
    run: () => sendAnswer(newResponse(), exchangeOf(next()), answer),
    close: opened.close,
  }
}

function withHelmet(): Loop {
  const dress = helmet()
  return {
    run() {
      const response = newResponse()
      dress(request, response, () => finish(response))
    },
  }
}
