import { toProblem } from '../errors/index.ts'
import type { Answer } from './route.ts'

/** The answer to whatever was thrown; anything but a SecurityError becomes a bare 500. */
export function answerOfProblem(thrown: unknown, requestId?: string): Answer {
  const { status, headers, body } = toProblem(thrown, requestId)
  return { status, headers, json: body }
}
