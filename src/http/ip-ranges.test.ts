import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../../test/vectors/ip/ipaddr-cases.json' with { type: 'json' }
import { compileIpRanges } from './ip-ranges.ts'

const holds = (ranges: readonly string[], ip: string) => {
  const compiled = compileIpRanges(ranges)
  return compiled.ok && compiled.has(ip)
}

describe('ranges of addresses', () => {
  it.each(vectors.cidr.filter(([, range]) => !String(range).endsWith('/0')))(
    '%s in %s: %s',
    (address, range, inside) => {
      expect(holds([String(range)], String(address))).toBe(inside)
    },
  )

  it.each([
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.8', false],
    ['203.0.113.0/24', '::ffff:203.0.113.9', true],
    ['::ffff:203.0.113.0/120', '203.0.113.9', true],
    ['::ffff:203.0.113.0/120', '203.0.114.9', false],
    ['2001:db8::/32', '2001:DB8:0:0::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['203.0.113.0/24', 'unknown', false],
    ['::/1', '203.0.113.9', false],
    ['::/1', '::ffff:203.0.113.9', false],
    ['::/64', '10.0.0.1', false],
    ['::/1', '2001:db8::1', true],
    ['203.0.113.0/24', '', false],
  ])('%s holds %s: %s', (range, ip, inside) => {
    expect(holds([range], ip)).toBe(inside)
  })

  it('that are none hold nobody', () => {
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (ip) => !holds([], ip)))
  })

  it.each([
    ...['', 'proxy.example', '10.0.0', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/', '10.0.0.0/8/8'],
    ...['2001:db8::/129', 'fe80::1%eth0', '0x0a.0.0.0/8', 'loopback', '::ffff:10.0.0.0/80'],
    ...['0.0.0.0/0', '::/0', '::ffff:0.0.0.0/96', 'true', '*', ' 10.0.0.1', '10.0.0.0/08x'],
  ])('that cannot be read or hold everybody are refused by name: %j', (entry) => {
    const compiled = compileIpRanges(['10.0.0.1', entry])
    expect(compiled).toMatchObject({ ok: false, entry, problem: expect.any(String) })
  })

  it('hold the same addresses whichever way these are written', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 1, max: 32 }), fc.ipV4(), (base, bits, ip) => {
        const plain = holds([`${base}/${bits}`], ip)
        expect(holds([`::ffff:${base}/${bits + 96}`], ip)).toBe(plain)
        expect(holds([`${base}/${bits}`], `::ffff:${ip}`)).toBe(plain)
      }),
    )
  })
})
