import { objectHidden, permissionLacking } from '../../access/index.ts'
import type { AppObject } from '../../conditions/index.ts'
import { commonErrors } from '../../errors/index.ts'
import type { Auth, RowOptions } from '../../http/index.ts'
import { answerTo, Undecided } from './undecided.ts'

/** One question about an object. */
export interface ObjectQuestion {
  readonly auth: Auth
  readonly permission: string
  readonly options: RowOptions
}

/**
 * Throws 404 `not_found` for what is not there or may not be read, whatever else may be done with it, so
 * that absent and invisible look the same. What a loader gives that is no object throws as well: nothing
 * was decided.
 */
export function visibleObject(loaded: unknown, question: ObjectQuestion): object {
  if (loaded === undefined || loaded === null) {
    throw commonErrors.not_found({ explanation: 'the loader found no object' })
  }
  if (typeof loaded !== 'object' || Array.isArray(loaded)) {
    throw new Undecided(`the option object of a guard gave ${kindOf(loaded)} instead of an object`)
  }
  const object: AppObject = loaded
  const { auth, options } = question
  const read = readOf(question)
  if (!may(read, object, question)) throw objectHidden(auth, read, { object, options })
  return loaded
}

/** Throws 403 for an object that may be seen and no more. */
export function demandObject(object: AppObject, question: ObjectQuestion): void {
  const { auth, options, permission } = question
  if (permission === readOf(question) || may(permission, object, question)) return
  throw permissionLacking(auth, permission, { object, options })
}

function may(asked: string, object: AppObject, { auth, options }: ObjectQuestion): boolean {
  return answerTo(() => auth.can(asked, object, options), `${asked} of an object`) === true
}

function readOf({ permission }: ObjectQuestion): string {
  return `read:${permission.slice(permission.indexOf(':') + 1)}`
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}
