#!/usr/bin/env node
import { refusalOfNode } from './node-version.ts'

// Nothing else may be imported before: an older Node would fail in the middle of it.
const refusal = refusalOfNode(process.versions.node)
if (refusal === undefined) {
  const [{ commands }, { run }, { processTerminal }, { listeningFault }] = await Promise.all([
    import('./commands.ts'),
    import('./run.ts'),
    import('./terminal.ts'),
    import('./app-listens.ts'),
  ])
  const args = process.argv.slice(2)
  const importsApp = args.some((arg) => arg.startsWith('--app'))
  if (importsApp) {
    process.on('uncaughtException', (error) => {
      const text = listeningFault(error, args) ?? error?.stack ?? String(error)
      process.stderr.write(`${text}\n`, () => process.exit(1))
    })
  }
  process.exitCode = await run(args, processTerminal(), commands)
  // An app that was imported may have left something running, such as a server that listens.
  if (importsApp) process.stdout.write('', () => process.exit())
} else {
  process.stderr.write(`${refusal}\n`)
  process.exitCode = 1
}
