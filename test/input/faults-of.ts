import { type InputSchemas, type SentInput, validateWith } from '../../src/input/index.ts'

/** What comes of checking `sent`: the value that fits, or the code and each fault. */
export async function faultsOf(schemas: InputSchemas, sent: SentInput, options = {}) {
  const result = await validateWith(schemas, options).check(sent)
  if (result.ok) return { value: result.value }
  const { code, extras } = result.error
  return {
    code,
    places: (extras.faults ?? []).map((fault) => fault.pointer),
    faults: extras.faults,
  }
}
