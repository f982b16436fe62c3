import { basename } from 'node:path'

/**
 * What to say of an app that began to listen when it was imported, and could not because the real one
 * does. Undefined for any other error.
 */
export function listeningFault(error: unknown, args: readonly string[]): string | undefined {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException
  if (syscall !== 'listen' || (code !== 'EADDRINUSE' && code !== 'EACCES')) return undefined
  const file = basename(fileOf(args) ?? 'The file of --app')
  return `holdfast: ${file} listens when it is imported; move listen() into a file of its own (server.ts) and export \`security\` from ${file}.`
}

function fileOf(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => arg === '--app' || arg.startsWith('--app='))
  return args[at]?.includes('=') ? args[at].slice('--app='.length) : args[at + 1]
}
