// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the strings hold source code
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { findCycles, layers, roomGraph } from './architecture/layers.ts'
import { rules, violations } from './architecture/rules.ts'
import { maskSource, parseSource, readSources } from './architecture/source.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folders = ['src', 'cli', 'server', 'examples', 'bench', 'scripts', 'test']
const sources = readSources(
  root,
  folders.filter((folder) => existsSync(join(root, folder))),
)
const inSource = sources.filter(({ path }) => path.startsWith('src/') && !path.includes('.test.'))

it('the rules look at the real house', () => {
  expect(inSource.length).toBeGreaterThan(20)
  expect(inSource.flatMap(({ imports }) => imports).length).toBeGreaterThan(40)
})

describe.each(rules)('$title', (rule) => {
  it('in every file', () => {
    expect(sources.flatMap((source) => violations(rule, source))).toEqual([])
  })

  it.each(rule.caught)('a breach is caught: %s %j', (path, text) => {
    expect(violations(rule, parseSource(path, text))).not.toEqual([])
  })

  it.each(rule.spared)('what only looks like one is spared: %s %j', (path, text) => {
    expect(violations(rule, parseSource(path, text))).toEqual([])
  })
})

describe('rooms', () => {
  it('do not import each other in a circle', () => {
    expect(findCycles(roomGraph(inSource))).toEqual([])
  })

  it('that do are found, at any distance', () => {
    const module = (path: string, other: string) =>
      parseSource(path, `import { x } from '../${other}/index.ts'`)
    const planted = [
      module('src/users/users.ts', 'audit'),
      module('src/audit/audit.ts', 'mail'),
      module('src/mail/mail.ts', 'users'),
      module('src/mail/mail.ts', 'errors'),
    ]
    expect(findCycles(roomGraph(planted))).toEqual(['users -> audit -> mail -> users'])
    expect(findCycles(roomGraph(planted.slice(1)))).toEqual([])
  })

  const rooms = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .filter((room) => inSource.some(({ path }) => path.startsWith(`src/${room}/`)))

  it('have a place in the table of layers', () => {
    expect(rooms.filter((room) => !layers.flat().includes(room))).toEqual([])
  })

  it('stand once in the table of layers', () => {
    expect(new Set(layers.flat()).size).toBe(layers.flat().length)
  })

  it.each(rooms)('have a door and a README that says what the room is for: %s', (room) => {
    const subrooms = room === 'adapters' ? readdirSync(join(root, 'src', room)) : ['.']
    for (const subroom of subrooms.filter((name) => !name.includes('.md'))) {
      expect(existsSync(join(root, 'src', room, subroom, 'index.ts'))).toBe(true)
    }
    expect(readFileSync(join(root, 'src', room, 'README.md'), 'utf8').length).toBeGreaterThan(200)
  })
})

it('a module of src/ imports only packages that holdfast declares', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  const foreign = inSource.flatMap(({ path, imports }) =>
    imports
      .map(({ specifier }) => specifier)
      .filter((specifier) => !/^(\.|node:)/.test(specifier))
      .filter((specifier) => !declared.some((name) => `${specifier}/`.startsWith(`${name}/`)))
      .map((specifier) => `${path}: ${specifier}`),
  )
  expect(foreign).toEqual([])
})

it('equalSecrets, by which secrets are compared, takes the same time for every difference', () => {
  const [module] = sources.filter(({ path }) => path === 'src/crypto/constant-time.ts')
  expect(module?.code).toMatch(/timingSafeEqual\(digest\(a\), digest\(b\)\)/)
})

describe('reading a module', () => {
  it.each([
    ["const a = 'x' // y", "const a = ' '     "],
    ['const a = `x ${f("y")} z`', 'const a = `  ${f(" ")}  `'],
    ['a / b / c', 'a / b / c'],
    ["s.replace(/'/g, b)", 's.replace(/ /g, b)'],
    ['const a = /[/"]/ /* c */', 'const a = /    /        '],
    ["'it\\'s' + x", "'     ' + x"],
    ['`${`${a}`}b`', '`${`${a}`} `'],
    ['/* a\nb */ c', '    \n     c'],
    ['`never closed', '`            '],
  ])('%j is code where it is code', (text, code) => {
    expect(maskSource(text)).toBe(code)
  })
})
