import { afterAll, beforeAll, expect, it } from 'vitest'
import { sql } from '../../src/index.ts'
import { describeEngines, freshDatabase } from '../services/fresh-database.ts'
import { legalTexts } from './legal-text-kit.ts'
import { openDriver, type SqlDriver } from './sql-driver-kit.ts'

describeEngines('rules 29 and 32: text in statements of the tag sql', (engine) => {
  let driver: SqlDriver
  let drop = async () => {}
  beforeAll(async () => {
    const fresh = await freshDatabase(engine)
    drop = () => fresh.drop()
    driver = await openDriver(engine, fresh.url)
    await driver.run(sql`create table ${sql.id('notes')} (id integer, said text)`)
  })
  afterAll(async () => {
    await driver?.close()
    await drop()
  })

  it('comes back byte for byte after five saves, and none of it is run', {
    timeout: 120_000,
  }, async () => {
    const texts = [...legalTexts, "'; drop table notes; --", '\\', "\\'", '$1', '?', '$' + '{x}']
    for (const [id, text] of texts.entries()) {
      await driver.run(sql`insert into notes (id, said) values (${id}, ${text})`)
    }
    for (let save = 2; save <= 5; save += 1) {
      for (const row of await driver.run(sql`select id, said from notes order by id`)) {
        const { id, said } = row as { id: number; said: string }
        await driver.run(sql`update notes set said = ${said} where id = ${id}`)
      }
    }
    const rows = await driver.run(sql`select said from notes order by id`)
    expect(rows.map(({ said }) => said)).toEqual(texts)
    const [found] = await driver.run(
      sql`select count(*) as n from notes where said in (${sql.join(["'; drop table notes; --", 'x'])})`,
    )
    expect(Number(found?.n)).toBe(1)
  })
})
