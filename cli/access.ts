import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { appOption, appSecurity } from './app-module.ts'
import { answer, type Command, stringOption, UsageError } from './command.ts'

export const accessRls: Command = {
  name: 'access rls',
  summary: "Write PostgreSQL's row-level security by the rules of your app.",
  options: {
    ...appOption,
    write: { type: 'string', value: 'FILE', help: 'Write to this file instead of the terminal.' },
  },
  notes:
    'Roles that administrators made are part of it, so the database of the app is read; nothing in it is changed. Run it again whenever roles change: until then the database goes by the roles as they were. Run the SQL in one transaction as the owner of the tables: psql --single-transaction -f FILE.',
  async run(input) {
    const security = await appSecurity(input)
    if (!security) throw new UsageError('holdfast access rls needs --app FILE.')
    try {
      await security.ready({ jobs: false, told: true })
      const sql = await security.access.rowSecurity()
      const file = stringOption(input, 'write')
      if (file !== undefined) writeFileSync(resolve(input.terminal.cwd, file), sql)
      answer(
        input,
        file === undefined ? { sql } : { file },
        file === undefined ? sql : `Wrote ${file}.`,
      )
      return 0
    } finally {
      await security.close()
    }
  },
}
