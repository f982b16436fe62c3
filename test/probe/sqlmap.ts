import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProbedApp, Target } from './probed-app.ts'
import { runTool } from './run-tool.ts'
import type { ToolResult } from './tool-result.ts'

/** What sqlmap says when it has tried everything and nothing gave way. */
const nothingFound = 'do not appear to be injectable'
const found = 'sqlmap identified the following injection point'

/** SQL injection at every parameter, part of a path and field of a body of the app's targets. */
export async function probeWithSqlmap(app: ProbedApp): Promise<ToolResult> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-sqlmap-'))
  const findings: string[] = []
  const voids: string[] = []
  try {
    for (const target of app.targets) {
      const what = `${target.method} ${target.path}`
      const { output, timedOut } = await runTool('sqlmap', words(app, target, folder), 600)
      if (output.includes(found)) findings.push(`${what}: ${afterLast(output, found)}`)
      else if (timedOut) voids.push(`${what}: not done in ten minutes`)
      else if (!output.includes(nothingFound)) voids.push(`${what}: ${lastWords(output)}`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return { tool: 'sqlmap', asked: `${app.targets.length} targets`, findings, voids }
}

function words(app: ProbedApp, { body, method, path }: Target, folder: string): string[] {
  const data = body === undefined ? [] : [`--data=${JSON.stringify(body)}`]
  return [
    ...['--batch', '--disable-coloring', '--flush-session', `--output-dir=${folder}`],
    ...[`--url=${app.origin}${path}`, `--method=${method}`, ...data],
    `--headers=Authorization: Bearer ${app.token}\nContent-Type: application/json`,
    // Answers of 4xx are what a refused value gets; they are no reason to stop.
    ...['--level=2', '--risk=2', '--threads=2', '--timeout=10', '--retries=1', '--ignore-code=*'],
    ...['--technique=BEUSTQ', '--time-sec=2', '--skip-waf'],
  ]
}

function afterLast(text: string, mark: string): string {
  return text.slice(text.lastIndexOf(mark), text.lastIndexOf(mark) + 500)
}

function lastWords(output: string): string {
  const lines = output.split('\n').filter((line) => /CRITICAL|ERROR/.test(line))
  return (lines.at(-1) ?? 'it said nothing that is known').trim().slice(0, 200)
}
