import { RoleBook } from '../../access/index.ts'
import { SecurityError } from '../../errors/index.ts'
import { ownPath } from '../../http/index.ts'
import type { Security } from '../../security.ts'
import { guardErrors } from './errors.ts'
import { permissionsOf } from './guard-rule.ts'
import type { ManifestEntry } from './walk.ts'

/**
 * Judges the routes of an app as a whole: tells of those that were closed and of guards that nobody
 * can pass, and refuses to start while one stands at a path that Holdfast answers itself.
 */
export class RouteReview {
  readonly #security: Security
  readonly #roles: RoleBook
  readonly #told = new Set<string>()
  #clash: SecurityError | undefined
  #started = false

  constructor(security: Security) {
    this.#security = security
    this.#roles = new RoleBook(security.config.access.roles)
  }

  /** @param atRoot whether paths of the app are paths of the server: a mounted app's are not. */
  look(entries: readonly ManifestEntry[], closed: readonly ManifestEntry[], atRoot: boolean): void {
    for (const entry of closed) this.#tellClosed(entry)
    for (const entry of entries) this.#tellUnholdable(entry)
    if (atRoot) this.#findClash(entries)
    this.#started = true
  }

  /** Why the app must not start: `path_clash`, whose text names both paths. */
  get clash(): SecurityError | undefined {
    return this.#clash
  }

  #tellClosed({ method, path }: ManifestEntry): void {
    this.#security.config.logger.error('a route states no policy and answers 503', {
      method,
      path,
      fix: 'put guard(...), authenticate or open() first among its handlers; mount apps after protect()',
    })
  }

  #tellUnholdable({ method, path, policy }: ManifestEntry): void {
    for (const permission of permissionsOf(policy)) {
      if (this.#told.has(permission) || this.#isHeld(permission)) continue
      this.#told.add(permission)
      const fields = { method, path, permission }
      this.#security.config.logger.warn(
        'no role but the super administrator passes this guard',
        fields,
      )
    }
  }

  /** By a role that does not hold everything: `*` would hide every misspelt permission. */
  #isHeld(permission: string): boolean {
    return this.#roles.names
      .map((name) => this.#roles.permissionsOf([name]))
      .some((held) => !held.patterns.includes('*') && held.has(permission))
  }

  #findClash(entries: readonly ManifestEntry[]): void {
    const { logger, paths } = this.#security.config
    const prefixes = this.#security.prefixes
    for (const { method, path, unclassified } of entries) {
      if (unclassified || ownPath(literalStart(path), prefixes) === 'other') continue
      const own = prefixes.find((prefix) => ownPath(literalStart(path), [prefix]) !== 'other')
      const movable = Object.entries(paths).find(([, prefix]) => prefix === own)?.[0]
      const fix = movable
        ? `Move the route, or ours with the option paths: { ${movable}: '/...' }.`
        : 'Move the route.'
      const detail = `The app's ${method} ${path} can never be reached: Holdfast answers ${own} itself. ${fix}`
      if (this.#started) logger.error('a route was added at a path of Holdfast', { detail })
      else this.#clash ??= clashError(detail)
    }
  }
}

function clashError(detail: string): SecurityError {
  const { status, title } = guardErrors.$table.path_clash
  return new SecurityError('path_clash', { status, title, detail })
}

/** A path up to its first parameter, wildcard or group; what is below may match anything. */
function literalStart(path: string): string {
  return path.startsWith('/') ? path.replace(/[:*{(\\[].*$/s, '') || '/' : '/'
}
