#!/usr/bin/env node
import { refusalOfNode } from './node-version.ts'

// Nothing else may be imported before: an older Node would fail in the middle of it.
const refusal = refusalOfNode(process.versions.node)
if (refusal === undefined) {
  const [{ commands }, { run }, { processTerminal }] = await Promise.all([
    import('./commands.ts'),
    import('./run.ts'),
    import('./terminal.ts'),
  ])
  process.exitCode = await run(process.argv.slice(2), processTerminal(), commands)
} else {
  process.stderr.write(`${refusal}\n`)
  process.exitCode = 1
}
