import { parseArgs } from 'node:util'
import { readBetterAuth } from './better-auth.ts'
import { betterAuthSecrets } from './better-auth-secrets.ts'
import { openSource } from './source.ts'
import { writeLines } from './user-line.ts'

// BETTER_AUTH_SECRET=... node from-better-auth.ts --database old.db [--out users.jsonl] [--role editor=manager]...
const { values } = parseArgs({
  options: {
    database: { type: 'string' },
    out: { type: 'string', default: 'users.jsonl' },
    role: { type: 'string', multiple: true, default: [] },
  },
})
if (values.database === undefined) throw new Error('Give --database, a SQLite file or postgres://')
const roles = Object.fromEntries(values.role.map((pair) => pair.split('=', 2)))
const source = await openSource(values.database)
try {
  const secrets = betterAuthSecrets(process.env)
  const { lines, notes } = await readBetterAuth(source, { roles, secrets, now: Date.now() })
  writeLines(values.out, lines)
  for (const note of notes) console.error(note)
  console.error(
    `${lines.length} accounts are in ${values.out}. It holds password hashes and secrets.`,
  )
} finally {
  await source.close()
}
