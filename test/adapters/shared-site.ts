import type { Express } from 'express'
import { afterAll, beforeAll } from 'vitest'
import type { ExpressSecurity, SecurityOptions } from '../../src/adapters/express/index.ts'
import { type Answered, type Kit, type Listening, openKit, serve } from './site.ts'

/** One app for all tests of a file. */
export interface SharedSite {
  readonly kit: Kit
  readonly site: Listening
  /** Sends a text as it is, whatever else as JSON. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answered>
}

export const json = { 'content-type': 'application/json' }
export const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' }

/** Opens an app with these routes before the tests of the file, and closes it after them. */
export function shareSite(
  addRoutes: (app: Express, security: ExpressSecurity) => void,
  options: Partial<SecurityOptions> = {},
): SharedSite {
  let kit: Kit
  let site: Listening
  beforeAll(async () => {
    kit = await openKit(options)
    site = await serve(kit, addRoutes)
  })
  afterAll(async () => {
    await site?.stop()
    await kit?.close()
  })
  return {
    get kit() {
      return kit
    },
    get site() {
      return site
    },
    post: (path, sent, headers = json) => {
      const body = typeof sent === 'string' ? sent : JSON.stringify(sent)
      return site.fetch(path, { method: 'POST', headers, body })
    },
  }
}

/** Where the faults of a refusal stand. */
export const placesOf = ({ json: problem }: Pick<Answered, 'json'>): string[] | undefined =>
  (problem?.errors as { pointer: string }[] | undefined)?.map(({ pointer }) => pointer)
