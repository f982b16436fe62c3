import { z } from 'zod'
import type { Frame } from './layout.ts'

/** What just happened, named in the address of the page that says so. Only known names are shown. */
export const noticeQuery = z.object({ notice: z.string().optional() })

export type Notice =
  | 'signed-out'
  | 'session-ended'
  | 'others-ended'
  | 'password-changed'
  | 'device-forgotten'
  | 'flow-ended'
  | 'app-enabled'
  | 'app-removed'
  | 'passkey-added'
  | 'passkey-renamed'
  | 'passkey-removed'

export function noticeText(
  { texts }: Frame,
  query: { readonly notice?: string | undefined },
): string | undefined {
  const { notice = '' } = query
  return Object.hasOwn(texts.notices, notice) ? texts.notices[notice as Notice] : undefined
}

/** The address of a page that says what just happened. */
export function withNotice(path: string, notice: Notice): string {
  return `${path}?notice=${notice}`
}
