import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SecurityOptions } from '../config/index.ts'
import type { SecurityError } from '../errors/index.ts'
import { createSecurity } from '../security.ts'

const newKey = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
const masterKey = newKey()
let folder = ''
let lines: { level: string; message: string }[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-start-'))
  lines = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Starts, stops, and gives what stood in the way. */
async function start(
  options: Partial<SecurityOptions>,
  how: { readonly told?: boolean } = {},
): Promise<SecurityError | undefined> {
  // A disk under load is slow, and that is told as well.
  const write = (level: string) => (message: string) => {
    if (!message.startsWith('The disk')) lines.push({ level, message })
  }
  const security = createSecurity({
    baseUrl: 'https://app.example.com',
    masterKey,
    database: `sqlite:${join(folder, 'app.db')}`,
    logger: {
      ...{ debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    },
    ...options,
  })
  try {
    await security.ready(how)
    await security.ready(how)
    return undefined
  } catch (error) {
    return error as SecurityError
  } finally {
    await security.close()
  }
}

describe('a start', () => {
  it('without a mail server warns once in production', async () => {
    await start({})
    expect(lines).toEqual([
      {
        level: 'warn',
        message: 'no mail server is set (SMTP_URL): nobody can confirm an address',
      },
    ])
  })

  it('tells once in development where mail is kept', async () => {
    await start({ mode: 'development', baseUrl: 'http://localhost:3000' })
    expect(lines).toEqual([
      { level: 'info', message: 'mail is kept at http://localhost:3000/dev/mailbox' },
    ])
  })

  it.each(['production', 'development'] as const)(
    'says nothing where mail goes out: %s',
    async (mode) => {
      await start({
        mode,
        baseUrl: mode === 'production' ? 'https://app.example.com' : 'http://localhost:3000',
        mail: { mailer: { send: async () => {} }, from: 'A <a@example.com>' },
      })
      expect(lines).toEqual([])
    },
  )

  it.each(['production', 'development'] as const)(
    'warns once of each option that is weaker than its default: %s',
    async (mode) => {
      await start({
        mode,
        baseUrl: 'http://localhost:3000',
        lockout: { mode: 'strict' },
        captcha: { provider: 'none' },
        mail: { mailer: { send: async () => {} }, from: 'A <a@example.com>' },
      })
      const said = lines.map(({ level, message }) => `${level} ${message}`)
      const plain = 'warn weaker than its default: baseUrl: Plain HTTP: for this machine only.'
      expect(said).toEqual([
        ...(mode === 'production' ? [plain] : []),
        expect.stringMatching(/^warn weaker than its default: lockout.mode: Strangers can lock/),
        expect.stringMatching(/^warn weaker than its default: captcha.provider: Guesses after/),
      ])
    },
  )

  it('says nothing of them where the operator has been told', async () => {
    const captcha = { provider: 'none' } as const
    await start({ captcha }, { told: true })
    expect(lines.map(({ message }) => message)).toEqual([expect.stringContaining('SMTP_URL')])
  })

  it('with HS256, where no key lies sealed, notices another master key all the same', async () => {
    const tokens = { algorithm: 'HS256', hs256Key: { id: 'a', secret: newKey() } } as const
    expect(await start({ tokens })).toBeUndefined()
    expect(await start({ tokens, masterKey: newKey() })).toMatchObject({ code: 'master_key_wrong' })
  })

  it('with another master key names both keys and what to do, never a key', async () => {
    const wrong = newKey()
    expect(await start({})).toBeUndefined()
    const error = await start({ masterKey: wrong })
    expect(error).toMatchObject({
      code: 'master_key_wrong',
      message: expect.stringMatching(
        /needs master key [\w-]{12}, .*given [\w-]{12}: start with the old key/,
      ),
    })
    expect(error?.stack).not.toContain(wrong)
  })

  it.each([
    ['postgres', 'PostgreSQL'],
    ['mysql', 'MySQL'],
    ['mariadb', 'MariaDB'],
  ])(
    'without its database names engine, host and port, never the password: %s',
    async (scheme, engine) => {
      const port = await freePort()
      const error = await start({ database: `${scheme}://zelda:hunter2-x@127.0.0.1:${port}/shop` })
      expect(error).toMatchObject({
        code: 'database_unavailable',
        message: `${engine} at 127.0.0.1:${port} cannot be reached (ECONNREFUSED): start it, or correct the option database (DATABASE_URL)`,
      })
      expect(`${error?.stack}${JSON.stringify(error)}`).not.toMatch(/hunter2|zelda/)
    },
  )
})

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
