import type { AttributeType, ResourceShape } from '../conditions/index.ts'
import { didYouMean } from '../errors/index.ts'
import { systemRoles } from './system-roles.ts'

/** A resource of the app: what conditions may read of it, and its own actions. */
export interface ResourceWords extends Partial<ResourceShape> {
  readonly actions?: readonly string[]
}

/** What an app declares of its permissions. */
export interface VocabularyOptions {
  readonly resources?: Readonly<Record<string, ResourceWords>>
  /** Actions of every resource beside the usual ones. */
  readonly actions?: readonly string[]
  /** Facts about callers that conditions compare with. */
  readonly attributes?: Readonly<Record<string, AttributeType>>
}

const usualActions = ['read', 'write', 'create', 'update', 'delete'] as const

/** Resources that no app has to declare: Holdfast's own, and what the system's roles name. */
const usualResources = resourcesOf(
  Object.values(systemRoles).flatMap(({ permissions }) => permissions),
)

/**
 * The words that permissions may be made of. While no resource is declared, every word is free; with
 * the first one, a permission of unknown words is a mistake.
 */
export class Vocabulary {
  /** Whether resources are declared, so that unknown words are mistakes. */
  readonly isDeclared: boolean
  readonly attributes: Readonly<Record<string, AttributeType>>
  readonly #resources: ReadonlyMap<string, ResourceWords>
  readonly #actions: readonly string[]

  constructor({ actions = [], attributes = {}, resources = {} }: VocabularyOptions = {}) {
    this.#resources = new Map(Object.entries(resources))
    this.#actions = [...usualActions, ...actions]
    this.isDeclared = this.#resources.size > 0
    this.attributes = attributes
  }

  /** The declared resources. */
  get resources(): readonly string[] {
    return [...this.#resources.keys()]
  }

  /** What conditions may read of a resource; undefined where nothing is declared. */
  shapeOf(resource: string): ResourceShape | undefined {
    const words = this.#resources.get(resource)
    return words && { ...words, columns: words.columns ?? {} }
  }

  /** The actions of a resource, or of any when none is named. */
  actionsOf(resource?: string): readonly string[] {
    const known = [...this.#resources]
    const own = known.flatMap(([name, words]) =>
      resource === undefined || name === resource ? (words.actions ?? []) : [],
    )
    return [...new Set([...this.#actions, ...own])]
  }

  /** What is wrong with the words of a permission or a pattern, as the end of a sentence about it. */
  problemOf(pattern: string): string | undefined {
    const [action = '*', resource = '*'] = pattern.split(':')
    if (!this.isDeclared) return undefined
    const resources = [...this.resources, ...usualResources]
    if (resource !== '*' && !resources.includes(resource)) {
      return `names the resource '${resource}', which \`access.resources\` does not declare.${didYouMean(resource, resources)}`
    }
    const actions = this.actionsOf(resource === '*' ? undefined : resource)
    if (action === '*' || actions.includes(action)) return undefined
    return `names the action '${action}', which neither \`access.actions\` nor the resource declares.${didYouMean(action, actions)}`
  }
}

function resourcesOf(rules: readonly unknown[]): readonly string[] {
  const named = rules.map((rule) => String(rule).split(':')[1])
  return [...new Set(named.filter((name) => name !== undefined && name !== '*'))].map(String)
}
