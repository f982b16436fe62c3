import { type GuardVerdict, judgeGuard, judgeGuardRole, RoleBook } from '../../access/index.ts'
import type { SecurityError } from '../../errors/index.ts'
import { ownPath } from '../../http/index.ts'
import type { Security } from '../../security.ts'
import { guardErrors } from '../node/errors.ts'
import { permissionsOf, rolesOf } from './guard-rule.ts'
import type { GuardTerms, RoutePolicyMark } from './types.ts'
import type { Found, ManifestEntry } from './walk.ts'

/**
 * Judges the routes of an app as a whole: tells of those that were closed and of guards that nobody
 * can pass, and refuses to start while one stands at a path that Holdfast answers itself.
 */
export class RouteReview {
  readonly #security: Security
  /** Roles of the options, which are all that is known before the database was read. */
  readonly #ownRoles: RoleBook
  readonly #told = new Set<string>()
  #clash: SecurityError | undefined
  #started = false

  constructor(security: Security) {
    this.#security = security
    const { access } = security.config
    this.#ownRoles = new RoleBook(access.roles, access)
  }

  /** @param atRoot whether paths of the app are paths of the server: a mounted app's are not. */
  look(entries: readonly ManifestEntry[], closed: readonly Found[], atRoot: boolean): void {
    for (const found of closed) this.#tellClosed(found)
    for (const entry of entries) {
      this.#findUnholdable(entry)
      this.#tellNameless(entry)
    }
    if (atRoot) this.#findClash(entries)
    this.#started = true
  }

  /**
   * Why the app must not start: `path_clash`, whose text names both paths, or `guard_invalid`, whose text
   * names the guard.
   */
  get clash(): SecurityError | undefined {
    return this.#clash
  }

  #tellClosed({ entry: { method, path }, late }: Found): void {
    this.#security.config.logger.error('a route states no policy and answers 503', {
      method,
      path,
      fix: late
        ? `${written(late.policy)} is handler ${late.place} of ${method} ${path}; move it first`
        : 'put guard(...), authenticate or open() first among its handlers; mount apps after protect()',
    })
  }

  /** A permission or a role that nobody has. */
  #findUnholdable(entry: ManifestEntry): void {
    for (const permission of permissionsOf(entry.policy)) {
      const told = 'no role but the super administrator passes this guard'
      this.#tellUnheld(
        entry,
        { permission },
        { told, verdict: judgeGuard(permission, this.#roles) },
      )
    }
    for (const role of rolesOf(entry.policy)) {
      this.#security.whenRunning(() => this.#tellRole(entry, role))
    }
  }

  /** Once it is known which roles administrators made: before that nobody knows what is missing. */
  #tellRole(entry: ManifestEntry, role: string): void {
    const told = 'nobody passes this guard by a role that is not there'
    this.#tellUnheld(entry, { role }, { told, verdict: judgeGuardRole(role, this.#roles) })
  }

  /** A mistake of the app stops its start; what may come to be right while it runs is told of alone. */
  #tellUnheld(
    { method, path }: ManifestEntry,
    asked: { readonly permission: string } | { readonly role: string },
    { told, verdict }: { readonly told: string; readonly verdict: GuardVerdict },
  ): void {
    const name = Object.entries(asked).flat().join(' ')
    if (verdict.kind !== 'unheld' || this.#told.has(name)) return
    this.#told.add(name)
    const { fix, isMistake } = verdict
    if (isMistake && !this.#started) {
      const explanation = `${method} ${path}, ${name}: ${told}; ${fix}${this.#unread}`
      this.#clash ??= guardErrors.guard_invalid({ explanation })
    } else {
      this.#security.config.logger.warn(told, { method, path, ...asked, fix })
    }
  }

  /** With those that administrators made, as soon as they are known. */
  get #roles(): RoleBook {
    return this.#security.running?.rooms.access.roles ?? this.#ownRoles
  }

  /** What a mistake may be down to before the database was read. */
  get #unread(): string {
    if (this.#security.running) return ''
    return '; roles that administrators made count once security.ready() has resolved'
  }

  /** A guard that takes its organisation from no parameter of its path: 404 for everybody. */
  #tellNameless({ method, path, policy }: ManifestEntry): void {
    const name = (policy as GuardTerms | undefined)?.organisation
    const place = `${method} ${path}`
    if (name === undefined || name === true || path.includes(name) || this.#told.has(place)) return
    this.#told.add(place)
    this.#security.config.logger.error('a guard takes its organisation from no parameter', {
      ...{ method, path, organisation: name },
      fix: `name it in the path, as in /:${name}/..., or another parameter in the guard`,
    })
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
      else this.#clash ??= guardErrors.path_clash({ explanation: detail })
    }
  }
}

/** How a policy is written, for messages. */
function written({ kind }: RoutePolicyMark): string {
  if (kind === 'open') return 'open()'
  if (kind === 'webhook') return 'webhook(...)'
  return kind === 'signed-in' ? 'authenticate' : 'guard(...)'
}

/** A path up to its first parameter, wildcard or group; what is below may match anything. */
function literalStart(path: string): string {
  return path.startsWith('/') ? path.replace(/[:*{(\\[].*$/s, '') || '/' : '/'
}
