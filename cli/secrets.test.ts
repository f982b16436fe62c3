import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { weaknessOf } from '../src/config/index.ts'
import { fakeTerminal } from '../test/fake-terminal.ts'
import { commands } from './commands.ts'
import { run } from './run.ts'
import { readSettings } from './settings.ts'

let cwd = ''
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'holdfast-'))
})
afterEach(() => rmSync(cwd, { recursive: true, force: true }))

it('secrets generate prints a fresh key alone, ready for a variable', async () => {
  const terminal = fakeTerminal({ cwd })
  await run(['secrets', 'generate'], terminal, commands)
  await run(['secrets', 'generate', '--json'], terminal, commands)
  const [plain = '', json = ''] = terminal.outputs
  expect(weaknessOf(plain)).toBeUndefined()
  expect(weaknessOf(JSON.parse(json).masterKey)).toBeUndefined()
  expect(json).not.toContain(plain)
})

it('secrets generate --output writes a file for its owner alone, and never over another', async () => {
  const terminal = fakeTerminal({ cwd })
  expect(await run(['secrets', 'generate', '-o', 'key.env'], terminal, commands)).toBe(0)
  const path = join(cwd, 'key.env')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const text = readFileSync(path, 'utf8')
  const key = parseEnv(text).MASTER_ENCRYPTION_KEY ?? ''
  expect(weaknessOf(key)).toBeUndefined()
  expect(terminal.outputs.join()).not.toContain(key)
  expect(await run(['secrets', 'generate', '-o', 'key.env'], terminal, commands)).toBe(1)
  expect(terminal.errors.join()).toContain('exists already')
  expect(readFileSync(path, 'utf8')).toBe(text)
})

it('.env of the working directory is read, and the environment wins over it', () => {
  writeFileSync(join(cwd, '.env'), 'APP_NAME=File\nPORT=4000\nJWT_SECRET=x\n', { mode: 0o644 })
  const terminal = fakeTerminal({ cwd, env: { APP_NAME: 'Environment' } })
  const { options, server } = readSettings(terminal, { dev: false })
  expect([options.appName, server.port]).toEqual(['Environment', 4000])
  expect(terminal.errors.join('\n')).toContain('chmod 600')
  expect(terminal.errors.join('\n')).toContain('JWT_SECRET is no longer used, because')
})

it('development makes its own secrets and stays on loopback; production never does', () => {
  const env = { HOLDFAST_DATA_DIR: join(cwd, 'data'), PORT: '4000' }
  const { options, server } = readSettings(fakeTerminal({ cwd, env }), { dev: true })
  expect(options).toMatchObject({ mode: 'development', baseUrl: 'http://localhost:4000' })
  expect(weaknessOf(options.masterKey ?? '')).toBeUndefined()
  expect(server.host).toBe('127.0.0.1')
  const production = fakeTerminal({ cwd, env: { ...env, NODE_ENV: 'production' } })
  expect(() => readSettings(production, { dev: true })).toThrow('--dev is refused')
  expect(readSettings(production, { dev: false }).options.masterKey).toBeUndefined()
})
