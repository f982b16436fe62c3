import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redirectTarget } from './redirect-target.ts'

const ownOrigin = 'https://shop.example'
const partner = 'https://pay.example'
const local = 'http://localhost:5173'
const follow = (target: unknown) => redirectTarget(target, { ownOrigin, allow: [partner, local] })

describe('a redirect', () => {
  it.each([
    ['/', '/'],
    ['/orders?page=2#last', '/orders?page=2#last'],
    ['/a/../b', '/b'],
    ['/käse', '/k%C3%A4se'],
    ['/go?to=https://evil.example', '/go?to=https://evil.example'],
    ['/go?note=a%0D%0Ab', '/go?note=a%0D%0Ab'],
    ['/@evil.example', '/@evil.example'],
    ['/a%2Fb', '/a%2Fb'],
    ['https://shop.example', '/'],
    ['https://shop.example/orders?x=1', '/orders?x=1'],
    ['https://shop.example?x=1', '/?x=1'],
    ['https://pay.example', 'https://pay.example/'],
    ['https://pay.example/done?id=1#top', 'https://pay.example/done?id=1#top'],
    ['https://pay.example/a/../b', 'https://pay.example/b'],
    [
      'https://pay.example?back=https://shop.example',
      'https://pay.example/?back=https://shop.example',
    ],
    ['http://localhost:5173/cb', 'http://localhost:5173/cb'],
  ])('to %j is followed', (target, followed) => {
    expect(follow(target)).toBe(followed)
  })

  const evil = [
    // Another scheme or none.
    ...[
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      ' javascript:alert(1)',
      'java\tscript:alert(1)',
    ],
    ...[
      'javascript://pay.example/%0aalert(1)',
      'data:text/html,x',
      'vbscript:x',
      'file:///etc/passwd',
    ],
    ...[
      'blob:https://shop.example/x',
      'ftp://pay.example',
      'ws://pay.example',
      'mailto:a@b.example',
    ],
    ...['http://shop.example/', 'http://pay.example/', 'https:pay.example', 'https:/pay.example'],
    ...['https:///pay.example', 'HTTPS://pay.example', 'https://PAY.example', '://pay.example'],
    // Another host that looks like one of ours.
    ...['https://evil.example', 'https://pay.example.evil.example', 'https://pay.exampleevil'],
    ...[
      'https://evilpay.example',
      'https://www.pay.example',
      'https://pay.example.',
      'https://pay.example%2eevil.example',
    ],
    ...[
      'https://pay.example:444',
      'https://pay.example:443',
      'https://pay.example:',
      'http://localhost:51730',
      'http://localhost',
    ],
    ...[
      'https://evil.example/https://pay.example',
      'https://evil.example?https://pay.example',
      'https://evil.example#https://pay.example',
    ],
    ...['https://evil.example%2f@pay.example', 'https://pаy.example', 'https://pay。example'],
    // User names.
    ...[
      'https://pay.example@evil.example',
      'https://pay.example:x@evil.example',
      'https://@pay.example',
    ],
    ...[
      'https://x@pay.example',
      'https://shop.example%40evil.example',
      'https://pay.example\\@evil.example',
    ],
    // Slashes and backslashes.
    ...[
      '//evil.example',
      '///evil.example',
      '////evil.example',
      '/\\evil.example',
      '\\\\evil.example',
    ],
    ...[
      '\\/evil.example',
      '/\\/evil.example',
      '/.//evil.example',
      '/./\\evil.example',
      '/a/..//evil.example',
    ],
    ...[
      '/%2e//evil.example',
      'https://pay.example\\evil',
      'https:\\\\pay.example',
      'https://pay.example/\\evil.example',
    ],
    ...[
      'https://shop.example//evil.example',
      'https://pay.example//evil.example',
      'https://shop.example/..//evil.example',
    ],
    // Escapes that somebody behind us may read.
    ...[
      '/%2f/evil.example',
      '/%2fevil.example',
      '/%5cevil.example',
      '/%252fevil.example',
      '/%25252fevil.example',
    ],
    ...[
      '/%09/evil.example',
      '/%0d%0aset-cookie:a=b',
      '/%00',
      '/a%0aset-cookie',
      '%2f%2fevil.example',
    ],
    // Controls and blanks.
    ...[
      '/\t/evil.example',
      '/\n/evil.example',
      '/\r\nset-cookie: a=b',
      '\t//evil.example',
      ' //evil.example',
    ],
    ...[
      'https://pay.example/\r\nset-cookie: a=b',
      'https://pay.example/ x',
      'https://pay.example\u00a0',
      '\u0000/x',
    ],
    // No address at all.
    ...[
      '',
      ' ',
      'orders',
      './orders',
      '../orders',
      '?x=1',
      '#x',
      '@evil.example',
      '.evil.example',
      'null',
    ],
    ...[
      `/${'a'.repeat(2_000)}`,
      'https://[::1]/',
      'https://pay.example]',
      undefined,
      null,
      1,
      {},
      ['/x'],
    ],
  ]

  it.each(evil)('to %j leads nowhere', (target) => {
    expect(follow(target)).toBeUndefined()
  })

  it('has a table of traps that is long enough', () => {
    expect(new Set(evil).size).toBeGreaterThan(80)
  })

  it('leads to our own or an allowed origin, whatever is asked for', () => {
    const piece = fc.oneof(
      fc.constantFrom('/', '\\', '.', '..', '%2f', '%5c', '@', ':', '?', '#', '\t', '\n', ' '),
      fc.constantFrom('evil.example', 'https:', '／', '。', '%09', 'x', 'pay.example', '//'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    )
    const start = fc.constantFrom('/', partner, ownOrigin, local, `${partner}/`, '')
    const asked = fc
      .tuple(start, fc.array(piece, { maxLength: 8 }))
      .map(([first, pieces]) => first + pieces.join(''))
    const origins = new Set([ownOrigin, partner, local])
    let followed = 0
    fc.assert(
      fc.property(asked, (target) => {
        const to = follow(target)
        if (to === undefined) return
        followed += 1
        expect(to).toMatch(/^[\x21-\x7e]+$/)
        const url = new URL(to, `${ownOrigin}/account/sign-in`)
        expect(origins.has(url.origin)).toBe(true)
        expect(url.href).toBe(to.startsWith('/') ? ownOrigin + to : to)
      }),
      { numRuns: 10_000 },
    )
    expect(followed).toBeGreaterThan(1_000)
  })
})

it.each([
  'https://pay.example/',
  'https://*.example',
  'pay.example',
  'javascript:',
  '',
  'null',
  '*',
])('an allowed origin is written exactly: %j is refused where it is written', (entry) => {
  expect(() => redirectTarget('/', { ownOrigin, allow: [entry] })).toThrow(
    expect.objectContaining({ code: 'redirect_invalid' }),
  )
})
