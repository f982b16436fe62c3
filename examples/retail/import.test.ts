import { execFile } from 'node:child_process'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { generate } from './generate-data.ts'
import { ImportError, importFiles } from './import.ts'
import { progressTo } from './progress.ts'
import { RetailStore } from './store.ts'
import { scopeIn } from './testdata/scopes.ts'
import { DATA, HAND, rawLines, scratchDirectory } from './testdata/scratch.ts'

const run = promisify(execFile)
const CLI = fileURLToPath(new URL('./cli.ts', import.meta.url))
const YEAR = { from: '2025-01-01', to: '2026-12-31' }

function emptyStore(): RetailStore {
  const store = new RetailStore(':memory:')
  onTestFinished(() => store.close())
  return store
}

/** The hand-made files with one of them changed. */
async function filesWith(file: string, change: (text: string) => string): Promise<string> {
  const directory = await scratchDirectory()
  await cp(HAND, directory, { recursive: true })
  const text = await readFile(join(directory, file), 'utf8')
  await writeFile(join(directory, file), change(text))
  return directory
}

function importInto(store: RetailStore, directory: string) {
  return importFiles({ store, directory, now: () => 0 })
}

describe('the committed files', () => {
  test('are those that the generator makes', async () => {
    for (const [name, text] of generate()) {
      expect((await readFile(join(DATA, name), 'utf8')) === text, name).toBe(true)
    }
  })

  test('are imported whole', async () => {
    const results = await importInto(emptyStore(), DATA)
    const rows = Object.fromEntries(results.map((result) => [result.file, result.rows]))
    expect(rows['sales.csv']).toBe(rawLines(DATA, 'sales.csv').length)
    expect(rows['stock.csv']).toBe(rawLines(DATA, 'stock.csv').length)
    expect(results.every((result) => result.imported)).toBe(true)
  })

  test('keep names with quotes, commas, apostrophes and umlauts as they are', async () => {
    const store = emptyStore()
    await importInto(store, DATA)
    const names = store.stores().map((one) => one.name)
    expect(names).toContain("St Stephen's Green")
    expect(names).toContain('English Market, Cork')
    expect(names).toContain('Ehrenfeld "Die Halle"')
    expect(names).toContain('Nordlicht am Gärtnerplatz')
  })
})

describe('an import', () => {
  test('that was done is passed over', async () => {
    const store = emptyStore()
    await importInto(store, HAND)
    const again = await importInto(store, HAND)
    expect(again.some((result) => result.imported)).toBe(false)
    expect(again.find((result) => result.file === 'sales.csv')?.rows).toBe(14)
  })

  test('of a changed file replaces what the file brought before', async () => {
    const store = emptyStore()
    await importInto(store, HAND)
    const changed = await filesWith('sales.csv', (text) =>
      text.replace('2026-01-10,A,P1,10', '2026-01-10,A,P1,100'),
    )
    const results = await importInto(store, changed)
    expect(results.filter((result) => result.imported).map((r) => r.file)).toEqual(['sales.csv'])
    const january = { from: '2026-01-01', to: '2026-01-31' }
    const costs = store.dailyCosts(scopeIn('north', 'A'), january)
    expect(costs.map((row) => row.cents)).toEqual([20_000, -400])
  })

  test.each([
    ['sales.csv', '2026-02-05,A,P2,3', '2026-02-30,A,P2,3', 8, 'date must be a day'],
    ['sales.csv', '2026-02-05,A,P2,3', '2026-02-05,Z,P2,3', 8, 'not there'],
    ['sales.csv', '2026-02-05,A,P2,3', '2026-02-05,A,P2,0', 8, 'quantity must be'],
    ['sales.csv', '2026-02-05,A,P2,3', '2026-02-05,A,P2,3.5', 8, 'quantity must be'],
    ['sales.csv', '2026-02-05,A,P2,3', '2026-02-05,A,P2,3,9', 8, '7 fields instead of 6'],
    ['sales.csv', '3,21.00,10.50\n2026-02-14', '3,21.00,10.5\n2026-02-14', 8, 'unit_cost must be'],
    ['sales.csv', '2026-02-05,A,P2', '2026-02-05,"A"x,P2', 8, 'text after a closing quote'],
    ['sales.csv', 'date,store_id', 'day,store_id', 1, 'header must be exactly'],
    ['stock.csv', '2026-01-31,A,P1,12', '2026-01-31,A,P1,-1', 5, 'units must be'],
    ['stock.csv', '2026-01-31,A,P2,4', '2026-01-31,A,P1,4', 6, 'earlier line'],
    ['products.csv', 'P2,', 'P1,', 3, 'earlier line'],
    ['store_companies.csv', '2026-02-15', '2026-02-14', 4, 'two companies on one day'],
    ['companies.csv', 'South', '"South', 3, 'text after a closing quote'],
  ])(
    'of a broken %s (%s -> %s) keeps nothing and names the line',
    async (file, from, to, line, says) => {
      const store = emptyStore()
      const directory = await filesWith(file, (text) => text.replace(from, to))
      await expect(importInto(store, directory)).rejects.toMatchObject({
        name: 'ImportError',
        file,
        faults: [{ line, message: expect.stringContaining(says) }],
      })
      expect(store.findImport(file)).toBeUndefined()
      const scope = scopeIn('north')
      const kept =
        file === 'stock.csv' ? store.countValues(scope, YEAR.to) : store.dailyCosts(scope, YEAR)
      expect(kept).toEqual([])
    },
  )

  test('names every broken line, up to twenty', async () => {
    const directory = await filesWith('sales.csv', (text) => text.replaceAll(',P1,', ',P 1,'))
    const error = await importInto(emptyStore(), directory).catch((reason: ImportError) => reason)
    expect(error).toBeInstanceOf(ImportError)
    const lines = error instanceof ImportError ? error.faults.map((fault) => fault.line) : []
    expect(lines).toEqual([2, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15])
  })

  test('of a wholly broken file stops after twenty faults', async () => {
    const broken = await filesWith('sales.csv', (text) => `${text}${'x,x,x,x,x,x\n'.repeat(500)}`)
    await expect(importInto(emptyStore(), broken)).rejects.toSatisfy(
      (error) => error instanceof ImportError && error.faults.length === 20,
    )
  })

  test('of an empty or missing file is refused', async () => {
    const empty = await filesWith('sales.csv', () => '')
    await expect(importInto(emptyStore(), empty)).rejects.toThrow('the file is empty')
    await rm(join(empty, 'sales.csv'))
    await expect(importInto(emptyStore(), empty)).rejects.toThrow('cannot be read (ENOENT)')
  })

  test('started four times at once is done once', async () => {
    const home = await scratchDirectory()
    const env = { ...process.env, HOLDFAST_DATA_DIR: home }
    const outputs = await Promise.all(
      Array.from({ length: 4 }, () => run(process.execPath, [CLI, 'import'], { env })),
    )
    const imported = outputs.flatMap(({ stderr }) =>
      stderr.split('\n').filter((line) => line.includes('rows') && !line.includes('before')),
    )
    expect(imported).toHaveLength(6)
    const store = new RetailStore(join(home, 'retail.db'))
    onTestFinished(() => store.close())
    expect(store.findImport('sales.csv')?.rows).toBe(rawLines(DATA, 'sales.csv').length)
  }, 60_000)
})

describe('progress', () => {
  async function written(isTTY: boolean): Promise<string> {
    let text = ''
    const write = (piece: string) => {
      text += piece
    }
    const progress = progressTo({ isTTY, columns: 80, write })
    await importFiles({ store: emptyStore(), directory: DATA, now: () => 0, progress })
    return text
  }

  test('is a bar on a terminal', async () => {
    const text = await written(true)
    expect(text).toMatch(/\r\S*sales\.csv\s+█+░+\s+\d+%/)
    expect(text).toContain('100%')
  })

  test('is a plain line a file elsewhere', async () => {
    const text = await written(false)
    expect(text).not.toMatch(/[\r█]/)
    expect(text.trimEnd().split('\n')).toHaveLength(6)
    expect(text).toMatch(/sales\.csv +44,195 rows\n/)
  })
})
