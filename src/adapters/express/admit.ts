import { SecurityError } from '../../errors/index.ts'
import { tellMissing } from '../node/missing.ts'
import { refusalOf } from '../node/problem-of.ts'
import { ClientGone, isPromise } from './bounded.ts'
import { type Admission, type Asking, Decision, type GateRule } from './decide.ts'
import type { Awaitable } from './guard-options.ts'
import { permissionFor } from './guard-rule.ts'
import { refuseHeldBody } from './held-body.ts'
import { answerThrown, refuse } from './refuse.ts'
import type { RowsExpected } from './rows-unchecked.ts'
import type { Parts } from './types.ts'

/** A request before a guard. */
export interface Arrival extends Asking {
  readonly next: (error?: unknown) => void
  /** Of `rows` guards: what their handler has to ask. */
  readonly rows: RowsExpected | undefined
}

/** Passes on or refuses, at once where nothing has to be waited for. Whatever breaks while deciding refuses. */
export function admit(parts: Parts, rule: GateRule, at: Arrival): void {
  try {
    refuseHeldBody(parts, at.request)
    const admission = new Decision(parts, rule, at).take()
    if (isPromise(admission)) {
      // What throws here could be heard by nobody, and would end the process.
      void admitLater(parts, rule, { ...at, admission }).catch(() => at.response.destroy())
      return
    }
    prepare(rule, at, admission)
  } catch (error) {
    turnAway(parts, { ...at, rule }, error)
    return
  }
  at.next()
}

async function admitLater(
  parts: Parts,
  rule: GateRule,
  { admission, ...at }: Arrival & { readonly admission: Awaitable<Admission> },
): Promise<void> {
  try {
    prepare(rule, at, await admission)
  } catch (error) {
    if (!(error instanceof ClientGone)) turnAway(parts, { ...at, rule }, error)
    return
  }
  try {
    at.next()
  } catch (error) {
    answerThrown(parts, at, error)
  }
}

/** Lays out what the handler finds. */
function prepare({ asked }: GateRule, at: Arrival, { auth, object }: Admission): void {
  if (object !== undefined) at.request.object = object
  if (!at.rows) return
  const permission = permissionFor(asked, at.request.method)
  if (permission !== undefined) at.rows.expect(permission, auth, at)
}

interface TurnedAway extends Asking {
  readonly rule: GateRule
}

/** Refuses first: a log that fails must not keep anybody waiting. */
function turnAway(parts: Parts, { exchange, rule, ...at }: TurnedAway, error: unknown): void {
  const refusal = refusalOf(error)
  if (error instanceof SecurityError && error.extras.explanation !== undefined) {
    parts.refusals.set(at.response, error.extras.explanation)
  }
  refuse(parts, at, refusal)
  tellMissing(parts.security, exchange, refusal)
  parts.gate.hints.about({ exchange, refusal, guard: helpOf(rule) })
  if (refusal === error) return
  const { requestId } = exchange
  parts.security.config.logger.error('a guard could not decide', { requestId, error })
}

function helpOf({ options }: GateRule) {
  const { object, organisation, rows } = options
  return {
    ...{ rows: rows === true, object: object !== undefined },
    organisation: typeof organisation === 'string',
  }
}
