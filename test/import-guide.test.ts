import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { refusalTexts } from '../src/imports/refusal.ts'
import type { ImportRefusal } from '../src/index.ts'
import { createTestSecurity } from '../src/testing/index.ts'

const guide = readFileSync(new URL('../docs/guides/import-users.md', import.meta.url), 'utf8')

/** The first cells of a table, as far as they are code. */
function codesOf(head: string): string[] {
  const table = guide.slice(guide.indexOf(head)).split('\n\n')[0] ?? ''
  const cells = table
    .split('\n')
    .slice(2)
    .map((row) => row.split('|')[1] ?? '')
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? ''))
}

async function importing(text: string) {
  const kit = await createTestSecurity()
  const refusals: ImportRefusal[] = []
  const onRefused = (one: ImportRefusal) => void refusals.push(one)
  const sum = await kit.security.imports.run([Buffer.from(text)], { onRefused })
  await kit.close()
  return { sum, refusals }
}

describe('import-users.md', () => {
  it('shows a file that is imported whole', async () => {
    const file = /```json\n(.*?)```/s.exec(guide)?.[1] ?? ''
    expect((await importing(file)).sum).toEqual({ imported: 3, known: 0, refused: 0 })
  })

  it('names every field, and no other', async () => {
    const fields = codesOf('| field |')
    expect(fields.length).toBeGreaterThan(12)
    for (const field of [...fields, 'nickname']) {
      const line = { email: 'a@example.com', emailVerified: true, [field]: { odd: 1 } }
      const { refusals } = await importing(JSON.stringify(line))
      const isKnown = refusals[0]?.code !== 'unknown_field'
      expect([field, isKnown]).toEqual([field, field !== 'nickname'])
    }
  })

  it('names every reason to refuse', () => {
    expect(codesOf('| code |').toSorted()).toEqual(Object.keys(refusalTexts).toSorted())
  })
})
