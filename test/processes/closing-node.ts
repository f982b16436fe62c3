import { createSecurity } from '../../src/index.ts'
import { silentLogger } from '../../src/ports/index.ts'

/**
 * A process that opens a security, lets it do some of everything and closes it. Arguments: database
 * URL, master key, `work` or `fail` (the start must fail). It prints what still holds resources and
 * must then end by itself: nothing here calls process.exit.
 */
const [url = '', masterKey = '', what = 'work'] = process.argv.slice(2)
const password = 'correct horse battery staple 42'
const security = createSecurity({
  baseUrl: 'http://localhost:3000',
  mode: 'development',
  masterKey,
  database: url,
  logger: silentLogger,
})

async function work(): Promise<string> {
  await security.ready()
  await security.users.create({ email: 'ada@example.com', password })
  const origin = { ip: '192.0.2.1' }
  await security.signUp.register({ email: 'bob@example.com', password }, origin, '192.0.2.1')
  const result = await security.signIn.withPassword({
    ...{ identifier: 'ada@example.com', password, transport: 'body', devices: [] },
    ...{ clientKey: '192.0.2.1', origin },
  })
  if (result.status !== 'signed_in') return result.status
  const verified = await security.tokens.verify(result.accessToken ?? '')
  return verified.ok ? 'worked' : verified.error.code
}

const outcome =
  what === 'work'
    ? await work()
    : await security.ready().then(
        () => 'started',
        () => 'refused',
      )
await security.close()
await security.close()
// Emitted when nothing is left that could still happen; a timer or a handle would keep it from coming.
process.once('beforeExit', () => {
  const held = process.getActiveResourcesInfo().filter((name) => !/^(Pipe|TTY|File)/.test(name))
  process.stdout.write(`${JSON.stringify({ outcome, held })}\n`)
})
