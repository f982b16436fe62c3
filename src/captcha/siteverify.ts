import { z } from 'zod'
import type { Clock } from '../ports/index.ts'

/** What a third party said of a solution, or why it said nothing that can be read. */
export type SiteverifyReply =
  | {
      readonly kind: 'answer'
      readonly success: boolean
      readonly codes: readonly string[]
      readonly hostname?: string | undefined
      readonly score?: number | undefined
    }
  /** `why` is one of our own words: what came back might hold what was sent. */
  | { readonly kind: 'unavailable'; readonly why: string }

export interface SiteverifyRequest {
  readonly url: string
  /** Form fields. One of them is the secret, so nothing here is ever logged. */
  readonly fields: Readonly<Record<string, string>>
  readonly clock: Clock
}

/** Time for the whole exchange, reading included; shorter than the 2 s within which a verdict is due. */
export const deadlineMs = 1_800
const mostBytes = 16_384

const answer = z.object({
  success: z.boolean(),
  'error-codes': z.array(z.string()).nullish(),
  hostname: z.string().nullish(),
  score: z.number().min(0).max(1).nullish(),
})

/**
 * Asks once. No redirect is followed, since it would carry the secret to another address; what is
 * late, longer than 16 KB, a 5xx or not the documented JSON is `unavailable`. A 4xx blames what was
 * sent, which a stranger wrote, so it is a refusal whatever its body. Never rejects.
 */
export async function askSiteverify({
  clock,
  fields,
  url,
}: SiteverifyRequest): Promise<SiteverifyReply> {
  const controller = new AbortController()
  const timer = clock.after(deadlineMs, () => controller.abort())
  let why = 'no connection'
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { accept: 'application/json' },
      redirect: 'manual',
      signal: controller.signal,
    })
    why = `status ${response.status}, unreadable`
    return readAnswer(response.status, await readAtMost(response))
  } catch {
    return { kind: 'unavailable', why: controller.signal.aborted ? 'no answer in time' : why }
  } finally {
    timer.cancel()
    controller.abort()
  }
}

async function readAtMost(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    if (length > mostBytes) throw new Error('the answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function readAnswer(status: number, text: string): SiteverifyReply {
  if (status >= 400 && status < 500) return refusal(text)
  if (status !== 200) throw new Error('not the documented status')
  const { hostname, score, success, ...rest } = answer.parse(JSON.parse(text))
  return {
    kind: 'answer',
    success,
    codes: rest['error-codes'] ?? [],
    hostname: hostname ?? undefined,
    score: score ?? undefined,
  }
}

function refusal(text: string): SiteverifyReply {
  return { kind: 'answer', success: false, codes: codesOf(text) }
}

function codesOf(text: string): readonly string[] {
  try {
    return answer.parse(JSON.parse(text))['error-codes'] ?? []
  } catch {
    return []
  }
}
