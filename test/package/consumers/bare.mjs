// Nothing but Holdfast is installed: what needs a peer says which command brings it.
import { createSecurity, generateSecrets, SecurityError, silentLogger } from 'holdfast'

const { masterKey } = generateSecrets()
const common = { baseUrl: 'http://localhost:3000', mode: 'development', masterKey }

async function refusal(options) {
  const security = createSecurity({ ...common, logger: silentLogger, ...options })
  const error = await security.ready().then(
    () => undefined,
    (reason) => reason,
  )
  await security.close()
  return error instanceof SecurityError ? `${error.message} ${error.cause?.message}` : `${error}`
}

const started = createSecurity({ ...common, database: 'sqlite::memory:' })
await started.ready()
await started.close()

console.log(
  JSON.stringify({
    pg: await refusal({ database: 'postgres://app@localhost:1/app' }),
    mysql2: await refusal({ database: 'mysql://app@localhost:1/app' }),
    ioredis: await refusal({ database: 'sqlite::memory:', valkey: 'redis://localhost:1' }),
    nodemailer: await refusal({
      database: 'sqlite::memory:',
      mail: { smtpUrl: 'smtp://localhost:1', from: 'a@example.com' },
    }),
  }),
)
