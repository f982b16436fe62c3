import { once } from 'node:events'
import { createServer } from 'node:http'
import { createApp } from './app.ts'
import { type MadePerson, makeFirstPeople } from './people.ts'
import { readSettings, UsageError } from './settings.ts'

/** Serves the example until SIGINT or SIGTERM. */
async function main(): Promise<void> {
  const settings = readSettings(process.env)
  const { app, security, store } = createApp(settings)
  try {
    await store.ready()
    await security.ready()
    await makeFirstPeople(security, showPassword)
    const server = createServer(app)
    server.listen(settings.port, '127.0.0.1')
    await once(server, 'listening')
    const origin = `http://localhost:${settings.port}`
    process.stdout.write(
      `Holdfast Construction is at ${origin}\nIts mail is kept at ${origin}/dev/mailbox\n`,
    )
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
    server.close()
    await once(server, 'close')
  } finally {
    await security.close()
    await store.close()
  }
}

function showPassword({ email, password, role }: MadePerson): void {
  process.stdout.write(
    `Made, shown this once: ${role.padEnd(12)} ${email.padEnd(30)} ${password}\n`,
  )
}

try {
  await main()
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof Error && 'code' in error)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
