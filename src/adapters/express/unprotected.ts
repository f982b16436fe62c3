import type { Request } from 'express'
import type { Parts } from './types.ts'

/**
 * Tells once that a guard runs in an app that nobody protects: it refuses every request, and only the
 * log can say why. `who` is how the guard is written, for example `guard`.
 */
export function unprotectedNotice({ security }: Parts, who: string): (request: Request) => void {
  let told = false
  return (request) => {
    if (told) return
    told = true
    security.config.logger.error(
      `${who} on ${request.method} ${pathOf(request)}: this app is not protected; call security.protect(app), or app.use(security.middleware()) before the routes`,
    )
  }
}

/** The path of a request as its route is written, where there is one. */
export function pathOf({ baseUrl, path, route }: Request): string {
  return `${baseUrl}${String((route as { path?: unknown } | undefined)?.path ?? path)}`
}
