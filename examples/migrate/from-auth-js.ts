import { parseArgs } from 'node:util'
import { readAuthJs } from './auth-js.ts'
import { openSource } from './source.ts'
import { writeLines } from './user-line.ts'

// node from-auth-js.ts --database old.db [--out users.jsonl] [--trust google]... [--password-column password]
const { values } = parseArgs({
  options: {
    database: { type: 'string' },
    out: { type: 'string', default: 'users.jsonl' },
    trust: { type: 'string', multiple: true, default: [] },
    'password-column': { type: 'string' },
  },
})
if (values.database === undefined) throw new Error('Give --database, a SQLite file or postgres://')
const source = await openSource(values.database)
try {
  const { lines, notes } = await readAuthJs(source, {
    trusted: values.trust,
    passwordColumn: values['password-column'],
  })
  writeLines(values.out, lines)
  for (const note of notes) console.error(note)
  console.error(`${lines.length} accounts are in ${values.out}. It may hold password hashes.`)
} finally {
  await source.close()
}
