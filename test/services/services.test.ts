import { connect } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAvailable } from './binaries.ts'
import { serviceUrl } from './context.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from './fresh-database.ts'
import { askMariadb } from './mariadb.ts'
import { askPostgres } from './postgres.ts'

async function ask(url: string, statement: string): Promise<void> {
  if (url.startsWith('postgres:')) return askPostgres(url, statement)
  if (url.startsWith('mysql:')) return askMariadb(url, statement)
  const database = new DatabaseSync(url.slice('sqlite:'.length))
  database.exec(statement)
  database.close()
}

describeEngines('a fresh database', (engine) => {
  let first: FreshDatabase
  let second: FreshDatabase
  beforeAll(async () => {
    ;[first, second] = await Promise.all([freshDatabase(engine), freshDatabase(engine)])
  })
  afterAll(() => Promise.all([first.drop(), second.drop()]))

  it('keeps what is written to it', async () => {
    await ask(first.url, 'create table kept (id integer)')
    await expect(ask(first.url, 'insert into kept values (1)')).resolves.toBeUndefined()
  })

  it('shares nothing with another one', async () => {
    await ask(first.url, 'create table mine (id integer)')
    await expect(ask(second.url, 'select * from mine')).rejects.toThrow(/mine/)
  })

  it('is gone once dropped', async () => {
    const third = await freshDatabase(engine)
    await ask(third.url, 'create table mine (id integer)')
    await third.drop()
    await expect(ask(third.url, 'select * from mine')).rejects.toThrow()
  })
})

describe.skipIf(!isAvailable('redis'))('Redis', () => {
  it('answers at the URL it is given out with', async () => {
    const { hostname, port } = new URL(await serviceUrl('redis'))
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write('PING\r\n'))
      socket.once('error', reject)
      socket.once('data', (data) => {
        socket.destroy()
        resolve(data.toString())
      })
    })
    expect(answer).toBe('+PONG\r\n')
  })
})
