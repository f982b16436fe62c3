import { defineErrors, SecurityError } from '../errors/index.ts'
import type { Logger } from '../ports/index.ts'
import type { EventDefinitions, EventName, RecordedEvent } from './event.ts'

export const eventErrors = defineErrors({
  unknown_event: {
    status: 500,
    title: 'Unknown event',
    detail: 'There is no event of this name.',
  },
})

/** Called after the commit of what it hears of. What it returns is ignored, what it throws is logged. */
export type Listener<N extends EventName> = (event: RecordedEvent<N>) => unknown

/**
 * Tells listeners of events after their commit. A listener that throws is logged and hurts neither
 * the change nor the other listeners.
 */
export class EventBus {
  readonly definitions: EventDefinitions
  readonly #logger: Logger
  readonly #listeners = new Map<string, Set<Listener<never>>>()

  constructor(definitions: EventDefinitions, logger: Logger) {
    this.definitions = definitions
    this.#logger = logger
  }

  /** Subscribes; the returned function ends the subscription. An unknown name throws. */
  on<N extends EventName>(name: N, listener: Listener<N>): () => void {
    refuseUnknownEvent(this.definitions, name)
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener as Listener<never>))
    return () => void listeners.delete(listener as Listener<never>)
  }

  emit(event: RecordedEvent): void {
    for (const listener of this.#listeners.get(event.name) ?? []) {
      this.#call(listener as Listener<EventName>, event)
    }
  }

  async #call(listener: Listener<EventName>, event: RecordedEvent): Promise<void> {
    try {
      await listener(event)
    } catch (error) {
      this.#logger.error('an event listener threw', { event: event.name, error })
    }
  }
}

/** Throws `unknown_event` for a name that is not declared; the message says which one was meant. */
export function refuseUnknownEvent(definitions: EventDefinitions, name: string): void {
  if (Object.hasOwn(definitions, name)) return
  const known = Object.keys(definitions)
  const near = known.find((other) => distanceAtMostTwo(name, other))
  const hint = near ? `did you mean '${near}'?` : `known events: ${known.join(', ')}`
  const detail = `There is no event '${name}': ${hint}`
  throw new SecurityError('unknown_event', { ...eventErrors.$table.unknown_event, detail })
}

function distanceAtMostTwo(left: string, right: string): boolean {
  if (Math.abs(left.length - right.length) > 2) return false
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const substitution =
        (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1)
      current.push(
        Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1),
      )
    }
    previous = current
  }
  return (previous[right.length] ?? 3) <= 2
}
