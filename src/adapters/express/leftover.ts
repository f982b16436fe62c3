import type { Request } from 'express'

/**
 * The body of a request that a parser of the app has read before us, written down again: its own
 * bytes where it kept them. What the parser lost, such as duplicate keys, is not seen any more.
 */
export function leftoverOf(request: Request): (() => Uint8Array) | undefined {
  const { body, rawBody } = request as { body?: unknown; rawBody?: unknown }
  if (rawBody instanceof Uint8Array) return () => rawBody
  if (body === undefined) return undefined
  return () => Buffer.from(encode(body, request.headers['content-type'] ?? ''))
}

function encode(body: unknown, type: string): string | Uint8Array {
  if (typeof body === 'string' || body instanceof Uint8Array) return body
  if (!/^application\/x-www-form-urlencoded/i.test(type)) return JSON.stringify(body)
  const fields = Object.entries(body as object).flatMap(([name, value]) =>
    [value].flat().map((one) => [name, String(one)]),
  )
  return new URLSearchParams(fields).toString()
}
