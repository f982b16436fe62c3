import { buildServers, staleBuild } from './harness/build-servers.ts'
import { type Depth, fullDepth, quickDepth } from './harness/http-bench.ts'
import { describeMachine } from './harness/machine.ts'
import { render, writeResult } from './harness/report.ts'
import type { Suite } from './harness/suite.ts'
import { judge } from './harness/verdict.ts'
import { missingLoad } from './harness/wrk.ts'
import { apiKey } from './suites/api-key.ts'
import { factors } from './suites/factors.ts'
import { guard } from './suites/guard.ts'
import { guardNode } from './suites/guard-node.ts'
import { limit } from './suites/limit.ts'
import { detect, headers, ipRules, token } from './suites/loops.ts'
import { passwords } from './suites/passwords.ts'
import { permission } from './suites/permission.ts'
import { refuse } from './suites/refuse.ts'
import { signIn } from './suites/sign-in.ts'
import { start } from './suites/start.ts'

const suites: readonly Suite[] = [
  ...[guard, guardNode, refuse, signIn, start],
  ...[detect, token, headers, permission, ipRules, limit, passwords, factors, apiKey],
]

process.exitCode = await main(process.argv.slice(2))

async function main(words: readonly string[]): Promise<number> {
  const names = words.filter((word) => !word.startsWith('--'))
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name))
  const problem = unknown === undefined ? obstacle() : `there is no bench '${unknown}'`
  if (problem !== undefined || words.includes('--help')) return usage(problem)
  buildServers()
  const depth = words.includes('--quick') ? quickDepth : fullDepth
  const chosen = suites.filter(({ name }) => names.length === 0 || names.includes(name))
  let voided = 0
  for (const suite of chosen) voided += Number(!(await runSuite(suite, depth)))
  return voided > 0 ? 2 : 0
}

function obstacle(): string | undefined {
  const stale = staleBuild()
  if (stale?.startsWith('there is no')) return stale
  if (stale !== undefined) console.error(`warning: ${stale}`)
  return missingLoad()
}

function usage(problem: string | undefined): number {
  const lines = suites.map(({ name, title }) => `  ${name.padEnd(12)} ${title}`)
  if (problem !== undefined) console.error(`bench: ${problem}\n`)
  console.error(`usage: npm run bench -- [--quick] [NAME...]\n\n${lines.join('\n')}`)
  return problem === undefined ? 0 : 1
}

/** Runs one bench and prints it; false when the run says nothing. */
async function runSuite(suite: Suite, depth: Depth): Promise<boolean> {
  const { columns, name, packages, plan, title } = suite
  const machine = describeMachine(packages)
  const started = performance.now()
  const judgement = judge(plan, await suite.run(depth))
  const seconds = Math.round((performance.now() - started) / 1_000)
  const finishedAt = new Date().toISOString()
  const result = { name, title, depth, machine, finishedAt, seconds, columns, judgement }
  console.log(`\n${render(result)}`)
  const counts = judgement.voids.length === 0
  if (depth === quickDepth) console.log('A smoke: too short to be a result, nothing was written.')
  else if (counts) console.log(`${writeResult(result)}, ${seconds} s`)
  return counts
}
