import type { MigrationPlan, MigrationStatus } from '../src/database/index.ts'
import { answer, type Command, stringOption, UsageError } from './command.ts'
import { columns } from './help.ts'
import { developmentOption, withMigrator } from './open-security.ts'

const plan: Command = {
  name: 'migrate plan',
  summary: 'Show what "migrate up" would do: statements, locked tables, rows. Changes nothing.',
  options: developmentOption,
  async run(input) {
    const found = await withMigrator(input, (migrator) => migrator.plan())
    answer(input, found, planText(found))
    return refusalOf(found) === '' ? 0 : 1
  },
}

function planText(found: MigrationPlan): string {
  const { pending, rows } = found
  const steps = pending.map(({ name, statements, tables }) => {
    const locks = tables.map((table) => `${table} (${rows[table] ?? 0} rows)`).join(', ')
    return [`${name}: locks ${locks || 'nothing'}`, ...statements.map((sql) => `    ${sql};`)].join(
      '\n',
    )
  })
  const todo = pending.length === 0 ? 'The schema is up to date.' : steps.join('\n')
  return `${todo}${refusalOf(found)}`
}

/** What keeps `up` from running; empty when nothing does. */
function refusalOf({ changed, unknown, unfinished }: MigrationPlan): string {
  const kinds = [
    ['Ran with another text than this release has; restore its files', changed],
    ['Unknown here; a newer release has migrated this database', unknown],
    ['Began and did not end; "migrate up" goes on where that is safe', unfinished],
  ] as const
  return kinds
    .filter(([, names]) => names.length > 0)
    .map(([why, names]) => `\n${why}: ${names.join(', ')}`)
    .join('')
}

const up: Command = {
  name: 'migrate up',
  summary: 'Bring the schema to this release. Several processes at once are safe.',
  options: developmentOption,
  async run(input) {
    const names = await withMigrator(input, (migrator) => migrator.up())
    answer(input, { applied: names }, list('Applied', names))
    return 0
  },
}

const down: Command = {
  name: 'migrate down',
  summary: 'Undo the last migrations, newest first. Data in what they made is lost.',
  options: {
    steps: { type: 'string', value: 'N', help: 'How many. Default 1.' },
    ...developmentOption,
  },
  async run(input) {
    const steps = stringOption(input, 'steps') ?? '1'
    if (!/^[1-9]\d{0,3}$/.test(steps))
      throw new UsageError('--steps must be a whole number from 1.')
    const names = await withMigrator(input, (migrator) => migrator.down(Number(steps)))
    answer(input, { reverted: names }, list('Undone', names))
    return 0
  },
}

const status: Command = {
  name: 'migrate status',
  summary: 'List every migration of this release and whether it ran.',
  options: developmentOption,
  async run(input) {
    const all = await withMigrator(input, (migrator) => migrator.status())
    answer(input, all, columns(all.map(statusRow)))
    return 0
  },
}

function statusRow({ name, state, finishedAt }: MigrationStatus): string[] {
  return [state, name, finishedAt === undefined ? '' : new Date(finishedAt).toISOString()]
}

function list(what: string, names: readonly string[]): string {
  return names.length === 0 ? 'Nothing to do.' : names.map((name) => `${what} ${name}`).join('\n')
}

export const migrateCommands: readonly Command[] = [plan, up, down, status]
