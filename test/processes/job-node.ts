import { createInterface } from 'node:readline'
import { Migrator, openDatabase } from '../../src/database/index.ts'
import { Jobs, jobMigrations } from '../../src/jobs/index.ts'
import { silentLogger, systemClock, systemRandom } from '../../src/ports/index.ts'

/**
 * One node of a cluster, as a process of its own. Arguments: database URL, milliseconds of a lease.
 * Commands, one a line: `due NAME` runs a new job if it is due here, `hang NAME` runs one for ever,
 * `start NAME` runs one in the background. Answers: `ready`, `ran NAME`, `done NAME`.
 */
const [url = '', leaseMs = '60000'] = process.argv.slice(2)
const ports = { clock: systemClock, random: systemRandom, logger: silentLogger }
const database = await openDatabase({ url, ...ports })
await new Migrator(database, jobMigrations).up()
const say = (line: string) => process.stdout.write(`${line}\n`)

async function obey(command: string, name: string): Promise<void> {
  const jobs = new Jobs({ database, ...ports, leaseMs: Number(leaseMs) })
  const run = async () => {
    say(`ran ${name}`)
    if (command === 'hang') await new Promise(() => setInterval(() => {}, 60_000))
  }
  jobs.register({ name, everyMs: 3_600_000, run })
  if (command === 'start') return jobs.start()
  await jobs.runDue()
  say(`done ${name}`)
}

say('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const [command = '', name = ''] = line.split(' ')
  void obey(command, name)
}
