// holdfast-ignore-sql-file: tests name their own tables
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generateSecrets } from '../src/config/index.ts'
import { fakeTerminal } from '../test/fake-terminal.ts'
import { commands } from './commands.ts'
import { run } from './run.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const hash = `$2y$10$${'a'.repeat(21)}u${'b'.repeat(30)}.`
let cwd = ''
let env: Record<string, string> = {}

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'holdfast-'))
  env = {
    MASTER_ENCRYPTION_KEY: generateSecrets().masterKey,
    BASE_URL: 'https://app.example.com',
    DATABASE_URL: `sqlite:${join(cwd, 'test.db')}`,
  }
})
afterEach(() => rmSync(cwd, { recursive: true, force: true }))

async function type(line: string, drawn?: string[]) {
  const draw = drawn ? { draw: (text: string) => void drawn.push(text) } : {}
  const terminal = fakeTerminal({ cwd, env, ...draw })
  const code = await run(line.split(' '), terminal, commands)
  return { code, out: terminal.outputs.join('\n'), err: terminal.errors.join('\n') }
}

const write = (lines: readonly (object | string)[], name = 'users.jsonl') =>
  writeFileSync(
    join(cwd, name),
    lines.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join(''),
  )
const person = (name: string, more: object = {}) => ({
  ...{ email: `${name}@example.com`, emailVerified: true, passwordHash: hash },
  ...more,
})

function count(table: string, where = '1 = 1'): number {
  if (!existsSync(join(cwd, 'test.db'))) return 0
  const database = new DatabaseSync(join(cwd, 'test.db'), { readOnly: true, timeout: 5_000 })
  try {
    const row = database.prepare(`select count(*) as n from ${table} where ${where}`).get()
    return Number(row?.n)
  } catch {
    return 0
  } finally {
    database.close()
  }
}

describe('holdfast import', { timeout: 60_000 }, () => {
  it('imports a file, once, and says how many', async () => {
    write([person('ada'), person('bob')])
    expect(await type('import users.jsonl --reason moving')).toEqual({
      ...{ code: 0, out: 'Imported 2 accounts.', err: '' },
    })
    expect(count('hf_audit', "action = 'user.imported' and reason = 'moving'")).toBe(2)
    expect((await type('import users.jsonl')).out).toBe(
      'Imported 0 accounts, 2 lines imported before.',
    )
  })

  it('names each refused line with its reason, ends with 3, and imports all others', async () => {
    write(['no json', person('ada'), person('eve', { role: 'admin' }), person('ada', { id: 1 })])
    const { code, err, out } = await type('import users.jsonl')
    expect([code, out]).toEqual([3, 'Imported 1 account, 3 lines refused.'])
    expect(err.split('\n').map((line) => line.split(': ').slice(0, 2))).toEqual([
      ['line 1', 'line_invalid'],
      ['line 3', 'unknown_field (role)'],
      ['line 4', 'exists'],
    ])
  })

  it('writes the refused lines to a report that others cannot read and that holds no value', async () => {
    write([
      person('ada', { totpSecret: 'JBSWY3DPEHPK3PX' }),
      person('bob'),
      person('bob', { id: 2 }),
    ])
    writeFileSync(join(cwd, 'refused.jsonl'), 'an older report', { mode: 0o644 })
    const { code, err } = await type('import users.jsonl --report refused.jsonl')
    expect([code, err]).toEqual([3, 'The refused lines are listed in refused.jsonl.'])
    const text = readFileSync(join(cwd, 'refused.jsonl'), 'utf8')
    const lines = text.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { line: 1, code: 'field_invalid', field: 'totpSecret' },
      { line: 3, code: 'exists' },
    ])
    for (const secret of ['example.com', hash, 'JBSWY3DPEHPK3PX']) {
      expect(text).not.toContain(secret)
    }
    expect(statSync(join(cwd, 'refused.jsonl')).mode & 0o777).toBe(0o600)
  })

  it('rehearses without a trace, and answers JSON', async () => {
    write([person('ada'), person('bob', { roles: ['owner'] })])
    const { code, out } = await type('import users.jsonl --dry-run --json')
    expect([code, JSON.parse(out)]).toMatchObject([
      3,
      { dryRun: true, imported: 1, known: 0, refused: 1, refusals: [{ line: 2 }] },
    ])
    expect(
      count('hf_users') + count('hf_imported_lines') + count('hf_audit', "action like 'user%'"),
    ).toBe(0)
  })

  it('draws how far it is only where somebody reads along, and clears it', async () => {
    write(Array.from({ length: 250 }, (_, at) => person(`p${at}`)))
    const drawn: string[] = []
    await type('import users.jsonl', drawn)
    expect(drawn.slice(0, 3).map((line) => /(\d+)% {2}(.*)$/.exec(line)?.slice(1))).toEqual([
      ['39', '100 imported'],
      ['79', '200 imported'],
      ['100', '250 imported'],
    ])
    expect(drawn.at(-1)).toBe('')
  })

  it.each([
    ['import', 2, 'needs FILE'],
    ['import nowhere.jsonl', 1, 'There is no file nowhere.jsonl.'],
    ['import users.jsonl --report users.jsonl', 2, 'names the file that is imported'],
    ['import users.jsonl --report no/such/place', 1, 'cannot be written'],
    ['import users.jsonl --keep-id no-name', 2, '--keep-id takes a name'],
  ])('"%s" ends with %d and changes nothing', async (line, code, message) => {
    write([person('ada')])
    const result = await type(line)
    expect([result.code, result.err]).toEqual([code, expect.stringContaining(message)])
    expect(readFileSync(join(cwd, 'users.jsonl'), 'utf8')).toContain('ada@')
  })

  it('killed again and again, and given the file again, loses nothing and does nothing twice', {
    timeout: 300_000,
  }, async () => {
    const total = 3_000
    write(Array.from({ length: total }, (_, at) => person(`p${at}`, { username: `person-${at}` })))
    let met = 0
    for (let kill = 1; kill <= 5; kill++) {
      const before = count('hf_users')
      await killOnce(before + 1 + kill * 90)
      const now = count('hf_users')
      if (now > before && now < total) met += 1
      expect(count('hf_imported_lines')).toBe(now)
      expect(count('hf_audit', "action = 'user.imported'")).toBe(now)
      expect(count('hf_passwords')).toBe(now)
      expect(count('hf_grants')).toBe(now)
    }
    expect(met).toBeGreaterThanOrEqual(3)
    const before = count('hf_users')
    const { code, out } = await type('import users.jsonl --json')
    const sum = { imported: total - before, known: before, refused: 0 }
    expect([code, JSON.parse(out)]).toMatchObject([0, sum])
    expect(count('hf_users')).toBe(total)
    expect(count('hf_audit', "action = 'user.imported'")).toBe(total)
  })
})

/** Ends the program without a word once `accounts` are there; or it ends by itself. */
async function killOnce(accounts: number): Promise<void> {
  const child = spawn(process.execPath, [main, 'import', 'users.jsonl'], {
    ...{ cwd, env: { ...env, PATH: process.env.PATH ?? '' } },
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  while (child.exitCode === null && count('hf_users') < accounts) await setImmediate()
  child.kill('SIGKILL')
  await ended
}
