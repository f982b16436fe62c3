/**
 * A question that the app or its data could not answer. It is none of our own errors, whatever was
 * thrown, so that nothing the app throws can choose the status of a refusal: it is 503.
 */
export class Undecided extends Error {
  override readonly name = 'Undecided'
}

/** Whether what was thrown is a refusal of the request itself, which no function of the app has made. */
export type IsRefusal = (thrown: unknown) => boolean

/** The answer to a question, or `Undecided` that holds what was thrown instead. */
export function answerTo<T>(question: () => T, about: string, isRefusal?: IsRefusal): T {
  try {
    return question()
  } catch (cause) {
    if (isRefusal?.(cause)) throw cause
    throw new Undecided(`${about} threw`, { cause })
  }
}
