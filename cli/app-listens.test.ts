import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { listeningFault } from './app-listens.ts'

const main = join(import.meta.dirname, 'main.ts')
const server = createServer()
const cwd = mkdtempSync(join(tmpdir(), 'holdfast-listens-'))
afterEach(() => {
  server.close()
  rmSync(cwd, { recursive: true, force: true })
})

it('an app that listens when it is imported is told to move it, without a stack', async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const listens = `import { createServer } from 'node:http'
createServer().listen(${port}, '127.0.0.1')
await new Promise((resolve) => setTimeout(resolve, 60_000))
`
  writeFileSync(join(cwd, 'app.mjs'), listens)
  const line = [main, 'shield', 'report', '--app', 'app.mjs']
  const [code, err] = await new Promise<[unknown, string]>((resolve) => {
    execFile(process.execPath, line, { cwd }, (error, _, said) => resolve([error?.code, said]))
  })
  expect(code).toBe(1)
  expect(err.trim()).toBe(
    'holdfast: app.mjs listens when it is imported; move listen() into a file of its own (server.ts) and export `security` from app.mjs.',
  )
}, 60_000)

it('any other error is left as it is', () => {
  const other = Object.assign(new Error('x'), { code: 'ECONNREFUSED', syscall: 'connect' })
  for (const error of [other, new Error('x'), undefined, null, 'text']) {
    expect(listeningFault(error, ['--app=dist/app.js'])).toBeUndefined()
  }
})
