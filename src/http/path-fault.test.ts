import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pathReadings } from './path.ts'
import { findPathFault } from './path-fault.ts'

const strict = { encodedSlash: 'refuse' } as const
const faultOf = (path: string) => findPathFault(path, strict)

describe('a path that has one reading', () => {
  it.each([
    ...[
      '/',
      '/a',
      '/a/',
      '/A/b',
      '//a',
      '/a//b',
      '/a;v=1',
      '/a.',
      '/a..b',
      '/...',
      '/.well-known/x',
    ],
    ...[
      '/a%20b',
      '/O%27Brien',
      '/%C3%A9',
      '/100%25',
      '/%252f',
      '/a/b.html',
      '/~x',
      "/a'b(c)",
      '/a:b@c',
    ],
    ...[
      '/%F0%9F%98%80',
      '/a+b',
      '/a,b',
      '/a|b',
      '/"a"',
      '/{id}',
      '/.a',
      '/a/.b/c',
      '/..a',
      '/a%26b',
    ],
  ])('is taken: %s', (path) => {
    expect(faultOf(path)).toBeUndefined()
  })
})

describe('a path that can be read in two ways', () => {
  it.each([
    [
      'control_character',
      ['/a%00', '/a%00.png', '/%0d%0aset-cookie', '/a%1F', '/a%7f', '/\u0000', '/a\tb'],
    ],
    ['not_ascii', ['/é', '/\u00ff', '/a\u0085']],
    ['backslash', ['/a\\b', '/a%5cb', '/a%5C..%5Cb']],
    ['encoded_slash', ['/a%2fb', '/a%2Fb', '/%2f', '/..%2f']],
    [
      'dot_segment',
      ['/.', '/..', '/./a', '/a/.', '/a/../b', '/a/..', '/%2e/a', '/a/%2E%2e/b', '/.%2e'],
    ],
    ['dot_segment', ['/a/..;/b', '/a/.;v=1/b', '/a/%2e%2e%3bx']],
    [
      'bad_encoding',
      ['/%', '/a%', '/a%2', '/%zz', '/%C3', '/%C0%AF', '/%ED%A0%80', '/%FF', '/%u0041'],
    ],
  ] as const)('is refused by %s: %j', (fault, paths) => {
    expect(paths.map((path) => faultOf(path))).toEqual(paths.map(() => fault))
  })

  it('by a slash in a parameter is taken where the app asks for it, dot segments never', () => {
    const lenient = { encodedSlash: 'allow' } as const
    expect(findPathFault('/files/a%2Fb', lenient)).toBeUndefined()
    const climbing = ['/files/a%2F..%2Fb', '/files/..%2Fb', '/files%2f..', '/x%2f.%2fy']
    expect(climbing.map((path) => findPathFault(path, lenient))).toEqual(
      climbing.map(() => 'dot_segment'),
    )
  })

  it('is never taken when decoding it changes which segments there are', () => {
    const piece = fc.constantFrom(
      ...[
        '/',
        'a',
        'B',
        '.',
        '..',
        '%2e',
        '%2E',
        '%2f',
        '%5c',
        '\\',
        ';',
        '%',
        '%00',
        '%C3%A9',
        '%20',
      ],
    )
    const seen = { taken: 0, refused: 0 }
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
        const path = `/${pieces.join('')}`
        const isTaken = faultOf(path) === undefined
        seen[isTaken ? 'taken' : 'refused'] += 1
        if (!isTaken) return
        const decoded = path.split('/').map(decodeURIComponent)
        expect(decoded.join('/').split('/')).toEqual(decoded)
        for (const segment of decoded) expect(segment).not.toMatch(/^\.{1,2}$|[\\\0]/)
      }),
      { numRuns: 3_000 },
    )
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(300)
  })

  it('of 100 KB costs no more than reading it a few times', () => {
    for (const piece of ['/', '/a', '%2e', '%', '/.', '%C3%A9', '/..a', '.', '/%2e.']) {
      const path = `/${piece.repeat(100_000 / piece.length)}`
      expect(['string', 'undefined']).toContain(typeof faultOf(path))
      expect(pathReadings(path).length).toBeGreaterThan(0)
    }
  })
})

describe('the readings of a path', () => {
  it.each([
    ['/a/b', ['/a/b']],
    ['/A//b/', ['/a/b']],
    ['/a;v=1/b.', ['/a/b']],
    ['/%61', ['/a']],
    ['/a/../b', ['/b', '/a/../b']],
  ])('%s: %j', (path, readings) => {
    expect(pathReadings(path)).toEqual(readings)
  })
})
