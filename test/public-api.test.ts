import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as holdfast from 'holdfast'
import * as forExpress from 'holdfast/express'
import * as forNode from 'holdfast/node'
import * as forTesting from 'holdfast/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { Declarations, emitDeclarations } from './package/declarations.ts'
import { testWorkspace } from './services/context.ts'

const entries: Readonly<Record<string, object>> = {
  '.': holdfast,
  './express': forExpress,
  './node': forNode,
  './testing': forTesting,
}
const places = Object.entries(manifest.exports).flatMap(([path, target]) =>
  typeof target === 'string' ? [] : [[path, target.types.replace('./dist/', '')] as const],
)
const fileOf = new Map<string, string>(places)
const files = [...fileOf.values()]
const main = fileOf.get('.') ?? ''
const folder = mkdtempSync(join(testWorkspace(), 'declarations-'))
let declarations: Declarations

beforeAll(async () => {
  await emitDeclarations(folder)
  declarations = new Declarations(folder, files)
})

afterAll(() => declarations.close())

it('every entry of package.json is looked at', () => {
  expect([...fileOf.keys()]).toEqual(Object.keys(entries))
})

// A change here is a change for everybody who uses Holdfast. `npx vitest run test/public-api.test.ts -u`
it('the public API is what test/public-api.txt says', async () => {
  const inherited = new Set(declarations.exportsOf(main).map(({ name }) => name))
  const sections = places.map(([path, file]) => {
    const values = Object.keys(entries[path] ?? {})
    const types = declarations.exportsOf(file).map(({ name }) => name)
    const own = (name: string) => file === main || !inherited.has(name)
    return [
      `# holdfast${path.slice(1)}`,
      ...(path === './express' ? ['everything of holdfast, and'] : []),
      ...section(
        'values',
        values.filter((name) => own(name) || name === 'createSecurity'),
      ),
      ...section(
        'types',
        types.filter((name) => own(name) && !values.includes(name)),
      ),
    ].join('\n')
  })
  await expect(`${sections.join('\n\n')}\n`).toMatchFileSnapshot('public-api.txt')
})

describe.each(places)('of %s', (path, file) => {
  it('every declared value exists and every existing value is declared', () => {
    const declared = new Set(declarations.exportsOf(file).map(({ name }) => name))
    const values = Object.keys(entries[path] ?? {})
    expect(values.length).toBeGreaterThan(0)
    expect(values.filter((name) => !declared.has(name))).toEqual([])
  })

  it('every export says what it is', () => {
    const silent = declarations.exportsOf(file).filter(({ doc }) => !/\w{3}/.test(doc))
    expect(silent.map(({ name }) => name)).toEqual([])
  })

  it('every type that an export speaks of can be imported by its name', () => {
    expect(declarations.unnamed(file, [file, main])).toEqual([])
  })
})

it('the parts that adapters need are there, and not declared to users', () => {
  expect(Object.getOwnPropertyNames(holdfast.Security.prototype)).toContain('parts')
  const declared = readFileSync(join(folder, 'src/security.d.ts'), 'utf8')
  expect(declared).toContain('class Security')
  expect(declared).not.toMatch(/parts|Ground|Rooms/)
})

function section(title: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${title}:`, ...[...names].sort().map((name) => `  ${name}`)]
}
