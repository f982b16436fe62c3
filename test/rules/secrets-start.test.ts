import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { commands } from '../../cli/commands.ts'
import { run } from '../../cli/run.ts'
import { createSecurity } from '../../src/index.ts'
import { silentLogger } from '../../src/ports/index.ts'
import { fakeTerminal } from '../fake-terminal.ts'
import { freePort } from '../free-port.ts'
import { testWorkspace } from '../services/context.ts'
import { describeEngines, freshDatabase } from '../services/fresh-database.ts'

const strong = () => randomBytes(32).toString('base64url')
const fix = 'holdfast secrets generate'
const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))

/** What people give as a secret. None of it may start anything; of a variable the line end is cut. */
const bad: readonly (readonly [why: string, secret: string | undefined])[] = [
  ['missing', undefined],
  ['empty', ''],
  ['short', 'x7Gq2'],
  ['31 bytes', randomBytes(31).toString('base64url')],
  ['128 bits', randomBytes(16).toString('hex')],
  ['an example', 'your-super-secret-jwt-key-change-this-in-production'],
  ['the example of a README', 'CHANGE_ME_CHANGE_ME_CHANGE_ME_CHANGE_ME_CHANGE_ME'],
  ['a sentence', 'the quick brown fox jumps over the lazy dog again and again'],
  ['zeros', '0'.repeat(64)],
  ['one word again and again', 'hunter2'.repeat(10)],
  ['counting', Buffer.from(Array.from({ length: 32 }, (_, n) => n)).toString('hex')],
  ['with a line end', `${strong()}\n`],
]

function refusalOf(options: object): { code?: unknown; message: string } {
  try {
    createSecurity({ baseUrl: 'https://app.example.com', masterKey: strong(), ...options })
  } catch (error) {
    return error as Error
  }
  return { message: '' }
}

describe('rule 35: a secret that is none', () => {
  it.each(bad)(
    '(%s) as master key, pepper or HS256 key makes no security, and the message says how to make one',
    (_why, secret) => {
      const places = [
        { masterKey: secret },
        { password: { pepper: { current: 'a', keys: { a: secret } } } },
        { tokens: { algorithm: 'HS256', hs256Key: { id: 'a', secret } } },
      ]
      for (const place of places) {
        const { code, message } = refusalOf(place)
        expect(code).toBe('invalid_configuration')
        expect(message).toContain(fix)
        if (secret && secret.length > 8) expect(message).not.toContain(secret)
      }
    },
  )

  it.each(bad.filter(([why]) => why !== 'with a line end'))(
    '(%s) as MASTER_ENCRYPTION_KEY starts no server, exit code 1',
    async (_why, secret) => {
      const cwd = mkdtempSync(join(testWorkspace(), 'secrets-'))
      const given = secret === undefined ? {} : { MASTER_ENCRYPTION_KEY: secret }
      const env = {
        NODE_ENV: 'production',
        BASE_URL: 'https://app.example.com',
        HOLDFAST_DATA_DIR: cwd,
        ...given,
      }
      const terminal = fakeTerminal({ cwd, env })
      expect(await run(['serve', '--port', String(await freePort())], terminal, commands)).toBe(1)
      const said = terminal.errors.join('\n')
      expect(said).toContain('MASTER_ENCRYPTION_KEY')
      expect(said).toContain(fix)
      expect(terminal.outputs).toEqual([])
      if (secret && secret.length > 8) expect(said).not.toContain(secret)
    },
  )

  it('one key for two purposes is refused, and both are named', () => {
    const masterKey = strong()
    const hex = Buffer.from(masterKey, 'base64url').toString('hex')
    const pepper = { current: 'a', keys: { a: hex } }
    const { message } = refusalOf({ masterKey, password: { pepper } })
    expect(message).toContain('password.pepper.keys.a is the same as `masterKey`')
  })

  it('in a process of its own: production without secrets ends with 1 and listens nowhere', async () => {
    const cwd = mkdtempSync(join(testWorkspace(), 'production-'))
    const port = await freePort()
    const env = {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      BASE_URL: 'https://app.example.com',
      PORT: String(port),
    }
    const ended = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
      execFile(
        process.execPath,
        [main, 'serve'],
        { cwd, env, timeout: 30_000 },
        (error, _out, stderr) => {
          resolve({ code: error?.code, stderr })
        },
      )
    })
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain(fix)
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow()
  }, 60_000)
})

describeEngines('rule 35: a strong key that is not the one of this database', (engine) => {
  it('starts nothing, names both key ids and neither key, and the right one still starts', async () => {
    const fresh = await freshDatabase(engine)
    const open = (masterKey: string) =>
      createSecurity({
        ...{ masterKey, logger: silentLogger, mode: 'development' },
        baseUrl: 'http://localhost:3000',
        database: fresh.url,
      })
    const start = async (masterKey: string) => {
      const security = open(masterKey)
      try {
        await security.ready()
        return undefined
      } catch (error) {
        return error as Error & { code: string }
      } finally {
        await security.close()
      }
    }
    const [right, wrong] = [strong(), strong()]
    try {
      expect(await start(right)).toBeUndefined()
      const refusal = await start(wrong)
      expect(refusal?.code).toBe('master_key_wrong')
      expect(refusal?.message).toMatch(
        /needs master key [\w-]{12}, this process was given [\w-]{12}: start with the old key/,
      )
      expect(`${refusal?.stack}${refusal?.cause}`).not.toContain(wrong)
      expect(await start(right)).toBeUndefined()
    } finally {
      await fresh.drop()
    }
  }, 60_000)
})

describe('rule 34: passwords in addresses', () => {
  const canary = randomBytes(12).toString('hex')
  it.each([
    { database: `postgres://me:${canary}@127.0.0.1:1/shop` },
    { database: `mysql://me:${canary}@127.0.0.1:1/shop` },
  ])('no error of a database that is away tells the password', async (options) => {
    const lines: string[] = []
    const write = (message: string, fields?: object) =>
      void lines.push(message + JSON.stringify(fields))
    const logger = { debug: write, info: write, warn: write, error: write }
    const security = createSecurity({
      ...options,
      logger,
      masterKey: strong(),
      baseUrl: 'https://app.example.com',
    })
    const error = await security.ready().catch((reason: Error) => reason)
    await security.close()
    const { inspect } = await import('node:util')
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(canary)
    expect(lines.join()).not.toContain(canary)
  })
})
