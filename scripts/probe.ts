/**
 * npm run probe [-- --app retail|construction] [--tool sqlmap|wapiti|slowhttptest]
 *
 * Attacks both examples on loopback with programs that others wrote, as somebody who is signed in, with
 * limits raised and the detection of attacks off, so that what is found or not found is the app's own doing.
 * A run of which more than 5 % was answered by limits is void. Exits 1 for a finding or an answer of 5xx,
 * 2 for a void run. On Debian: apt-get install sqlmap wapiti slowhttptest.
 */
import { parseArgs } from 'node:util'
import { openConstruction, openRetail, type ProbedApp } from '../test/probe/probed-app.ts'
import { probeWithSlowhttptest } from '../test/probe/slow.ts'
import { probeWithSqlmap } from '../test/probe/sqlmap.ts'
import type { ToolResult } from '../test/probe/tool-result.ts'
import { probeWithWapiti } from '../test/probe/wapiti.ts'
import { findProgram } from '../test/services/binaries.ts'

const apps = { retail: openRetail, construction: openConstruction } as const
const tools = {
  sqlmap: probeWithSqlmap,
  wapiti: probeWithWapiti,
  slowhttptest: probeWithSlowhttptest,
} as const
const mostLimited = 0.05

const { values } = parseArgs({ options: { app: { type: 'string' }, tool: { type: 'string' } } })
process.exitCode = await main()

async function main(): Promise<number> {
  const chosenApps = chosen(apps, values.app)
  const chosenTools = chosen(tools, values.tool)
  const missing = chosenTools.map(([name]) => name).filter((name) => !findProgram(name))
  if (missing.length > 0) {
    console.error(`probe: not here: ${missing.join(', ')}; apt-get install ${missing.join(' ')}`)
    return 2
  }
  let worst = 0
  for (const [name, open] of chosenApps) {
    for (const [, run] of chosenTools) worst = Math.max(worst, await probe(await open(), run))
    if (chosenTools.length === 0) console.error(`probe: nothing to do for ${name}`)
  }
  return worst
}

function chosen<T extends object>(all: T, name: string | undefined): [string, T[keyof T]][] {
  const entries = Object.entries(all) as [string, T[keyof T]][]
  const found = entries.filter(([key]) => name === undefined || key === name)
  if (found.length > 0) return found
  throw new Error(`there is no '${name}'; there are ${Object.keys(all).join(', ')}`)
}

/** 0 when nothing was found, 1 for findings, 2 for a run that says nothing. */
async function probe(
  app: ProbedApp,
  run: (app: ProbedApp) => Promise<ToolResult>,
): Promise<number> {
  try {
    const result = await run(app)
    const { counts } = app
    const voids = [...result.voids]
    if (!(await isSignedIn(app))) voids.push('the session ended meanwhile')
    if (counts.limitedShare > mostLimited) voids.push('more than 5 % was answered by limits')
    print(app, result, voids)
    if (result.findings.length > 0 || counts.failures.length > 0) return 1
    return voids.length > 0 ? 2 : 0
  } finally {
    await app.close()
  }
}

async function isSignedIn({ origin, token }: ProbedApp): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` }
  return (await fetch(`${origin}/auth/me`, { headers })).ok
}

function print({ counts, name }: ProbedApp, result: ToolResult, voids: readonly string[]): void {
  const { accepted = [], asked, findings, notes = [], tool } = result
  console.log(`\n${tool} at ${name}: ${asked}, ${counts.total} requests answered (${counts})`)
  for (const note of notes) console.log(`  ${note}`)
  for (const finding of findings) console.log(`  FOUND ${finding}`)
  for (const reason of accepted) console.log(`  accepted ${reason}`)
  for (const [route, count] of counts.failures) console.log(`  FAILED ${count} times: ${route}`)
  for (const reason of voids) console.log(`  VOID ${reason}`)
  if (findings.length + counts.failures.length + voids.length === 0) console.log('  nothing found')
}
