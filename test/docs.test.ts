import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { listErrors, sourceFiles } from '../scripts/docs/errors.ts'
import { generateDocs } from '../scripts/docs.ts'
import { weaknessOf } from '../src/config/index.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const generated = await generateDocs(root)
const errors = await listErrors(root)
const sources = sourceFiles(root)

it.each([...generated.keys()])('%s is what `npm run docs` writes', (path) => {
  expect(existsSync(join(root, path))).toBe(true)
  expect(readFileSync(join(root, path), 'utf8')).toBe(generated.get(path))
})

it('a key that stands in the documentation is refused as a secret', () => {
  const files = ['.env.example', ...globSync('{README,docs/**/*}.md', { cwd: root })]
  const keys = files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    return [...text.matchAll(/(?<![\w/+.-])[\w/+-]{43,}={0,2}(?![\w/+.-])/g)].map(([key]) => ({
      file,
      key,
    }))
  })
  expect(files.length).toBeGreaterThan(4)
  expect(keys.filter(({ key }) => weaknessOf(key) === undefined)).toEqual([])
})

describe('error codes', () => {
  it('stand in one table each', () => {
    const codes = errors.map(({ code }) => code)
    expect(codes.filter((code, index) => codes.indexOf(code) < index)).toEqual([])
    expect(codes.length).toBeGreaterThan(20)
  })

  it('are stable words with a whole sentence and an error status', () => {
    for (const { code, status, title, detail } of errors) {
      expect(code).toMatch(/^[a-z][a-z0-9_]*$/)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(600)
      expect(title).toMatch(/\S/)
      expect(detail).toMatch(/^[A-Z].{10,}/)
    }
  })

  it('of a table are thrown somewhere', () => {
    const unused = errors.filter(({ code }) => {
      const used = new RegExp(`\\.${code}\\b|['"]${code}['"]`)
      return !sources.some(({ text }) => used.test(text))
    })
    expect(unused.map(({ code, file }) => `${file}: ${code}`)).toEqual([])
  })

  it('that are thrown or announced by a route stand in a table', () => {
    const known = new Set(errors.map(({ code }) => code))
    const named = sources.flatMap(({ path, text }) =>
      [...text.matchAll(/new SecurityError\(\s*'(\w+)'|problems: \[([^\]]*)\]/g)].flatMap(
        ([, thrown, announced = '']) => [
          ...(thrown ? [{ path, code: thrown }] : []),
          ...[...announced.matchAll(/'(\w+)'/g)].map(([, code = '']) => ({ path, code })),
        ],
      ),
    )
    expect(named.length).toBeGreaterThan(1)
    expect(named.filter(({ code }) => !known.has(code))).toEqual([])
  })
})
