/** What vitest's json reporter writes, as far as it is read here. */
export interface VitestReport {
  readonly testResults: readonly {
    readonly name: string
    readonly message?: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

export interface Verdict {
  readonly passed: number
  /** Full titles of tests that failed. */
  readonly red: readonly string[]
  /** The files they stand in, as vitest names them. */
  readonly redFiles: readonly string[]
  /** Test files that could not even start, with the reason. They prove nothing. */
  readonly broken: readonly string[]
}

/** Sorts tests that noticed something from files that merely fell over. */
export function readVerdict(report: VitestReport): Verdict {
  const tests = report.testResults.flatMap((file) => file.assertionResults)
  const fallen = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(isRed),
  )
  return {
    passed: tests.filter((test) => test.status === 'passed').length,
    red: tests.filter(isRed).map((test) => test.fullName.trim()),
    redFiles: report.testResults
      .filter((file) => file.assertionResults.some(isRed))
      .map(({ name }) => name),
    broken: fallen.map((file) => `${file.name}: ${(file.message ?? '').split('\n')[0]}`),
  }
}

/** Why a removed protection went unnoticed, or undefined when a test went red. */
export function findProofFault(verdict: Verdict | undefined): string | undefined {
  if (verdict === undefined) return 'the tests did not come to an end'
  if (verdict.red.length > 0) return undefined
  const [broken] = verdict.broken
  return broken === undefined ? 'all tests stayed green' : `nothing ran: ${broken}`
}

/** Why tests cannot prove anything, or undefined when all is well without the patch. */
export function findBaselineFault(verdict: Verdict | undefined): string | undefined {
  if (verdict === undefined) return 'without the patch the tests do not come to an end'
  const [trouble] = [...verdict.red, ...verdict.broken]
  if (trouble !== undefined) return `red without the patch: ${trouble}`
  return verdict.passed > 0 ? undefined : 'no test ran without the patch'
}

function isRed(test: { readonly status: string }): boolean {
  return test.status === 'failed'
}
