import type { FuzzReport } from './campaign.ts'

/** The report in lines: what was sent, where to, and what came back. */
export function describeFuzz(report: FuzzReport): string {
  const { growth, limited, passed, perRoute, perStatus, requests, seed } = report
  const share = (count: number) => `${((100 * count) / requests).toFixed(1)} %`
  const lines = (counts: ReadonlyMap<string, number>) =>
    [...counts].sort().map(([name, count]) => `  ${String(count).padStart(7)} ${name}`)
  return [
    `${requests} requests, seed ${seed}: ${share(passed)} past authentication and limits, ` +
      `${share(limited)} limited, ${report.unanswered} unanswered, ${report.hangs} hangs, ` +
      `${(growth / 2 ** 20).toFixed(1)} MiB more resident, ${report.faults.length} faults`,
    ...lines(perRoute),
    ...lines(perStatus),
  ].join('\n')
}
