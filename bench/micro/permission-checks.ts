import type { Loop } from './main.ts'

/** A thousand checks an operation, one question after the other, so that the clock and the loop weigh nothing. */
export function checking<T>(has: (question: T) => boolean, questions: readonly T[]): Loop {
  let at = 0
  let held = 0
  return {
    operations: 1_000,
    run() {
      for (let check = 0; check < 1_000; check++) {
        at = at + 1 === questions.length ? 0 : at + 1
        if (has(questions[at] as T)) held += 1
      }
      return undefined
    },
    extra: async () => ({ held }),
  }
}

/** The same with what it decided: every question, and one that has to be refused. */
export function judging<T>(
  has: (question: T) => boolean,
  questions: readonly T[],
  refused: T,
): Loop {
  const allowed = questions.filter(has).length
  const decisions = { permission: { allowed, refused: Number(!has(refused)) } }
  return { ...checking(has, questions), decisions: () => decisions }
}
