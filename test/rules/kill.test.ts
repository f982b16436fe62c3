import { expect, it } from 'vitest'
import { killAgainAndAgain } from '../kill/run.ts'
import { describeEngines, type EngineName, freshDatabase } from '../services/fresh-database.ts'

/** 50 kills together. `npm run soak` does ten times as many. */
const kills: Readonly<Record<EngineName, number>> = { sqlite: 30, postgres: 10, mariadb: 10 }
const times = Number(process.env.HOLDFAST_SOAK ?? 1)

describeEngines('rule 39: a node killed at any moment', (engine) => {
  it('has lost nothing it acknowledged and leaves nothing half done', {
    timeout: times * 600_000,
  }, async () => {
    const fresh = await freshDatabase(engine)
    try {
      const run = { engine, url: fresh.url, kills: kills[engine] * times }
      const { faults, ...report } = await killAgainAndAgain(run)
      console.log(
        `${engine}: ${report.kills} kills, ${report.inTransaction} met an open transaction, ` +
          `${report.acknowledged} acknowledged changes, ${report.rotated} refresh tokens tried`,
      )
      expect(faults).toEqual([])
      expect(report.kills).toBe(run.kills)
      expect(report.acknowledged).toBeGreaterThan(report.kills)
      expect(report.inTransaction).toBeGreaterThan(0)
    } finally {
      await fresh.drop()
    }
  })
})
