import { readFileSync } from 'node:fs'
import { BlockList } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Address, type Network, parseAddress, readNetwork, wordsOf } from '../http/index.ts'
import { PrefixTrie } from './prefix-trie.ts'

interface Vectors {
  readonly cidr: readonly (readonly [address: string, range: string, inside: boolean])[]
  readonly invalid_ipv4: readonly string[]
  readonly weird_ipv4: readonly (readonly [string, string])[]
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../../test/vectors/ip/ipaddr-cases.json', import.meta.url), 'utf8'),
)

function network(text: string): Network {
  const read = readNetwork(text)
  if (!read.ok) throw new Error(`${text} ${read.problem}`)
  return read.network
}

function words(text: string): readonly number[] {
  return wordsOf(parseAddress(text) as Address)
}

/** Few bits differ, so that ranges nest and meet. */
const bit = fc.constantFrom('0', '1', '2', '3', '128', '255')
const ipv4 = fc.tuple(bit, bit, bit, bit).map((parts) => parts.join('.'))
const group = fc.constantFrom('0', '1', '2001', '8000', 'ffff')
const ipv6 = fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':'))

describe.each([
  { family: 'ipv4' as const, address: ipv4, bits: 32 },
  // Beyond the first bit: `::ffff:0:0/96` is IPv4, and not asked for here.
  { family: 'ipv6' as const, address: ipv6.filter((text) => !text.startsWith('0:')), bits: 128 },
])('ranges of $family', ({ address, bits, family }) => {
  const range = fc
    .tuple(address, fc.integer({ min: 1, max: bits }))
    .map(([ip, prefix]) => `${ip}/${prefix}`)
  const holdsNoIpv4 = (text: string) => family === 'ipv4' || network(text).family === 'ipv6'

  it('hold what node:net says they hold, whatever was added and removed before', () => {
    const seen = { inside: 0, outside: 0 }
    const some = fc.array(fc.tuple(range.filter(holdsNoIpv4), fc.boolean()), { maxLength: 40 })
    fc.assert(
      fc.property(some, fc.array(address, { minLength: 5, maxLength: 5 }), (ranges, asked) => {
        const trie = new PrefixTrie<string>(family)
        const lists = new Map<string, BlockList>()
        for (const [text] of ranges) trie.add(network(text), text)
        for (const [text, stays] of ranges) {
          if (!stays) expect(trie.remove(network(text), text)).toBe(true)
        }
        const kept = ranges.filter(([text, stays]) => {
          return stays && ranges.every(([other, keeps]) => other !== text || keeps)
        })
        for (const [text] of kept) {
          const list = new BlockList()
          const [ip = '', prefix] = text.split('/')
          list.addSubnet(ip, Number(prefix), family)
          lists.set(text, list)
        }
        for (const one of asked) {
          const found = new Set(trie.find(words(one)).flat())
          const expected = kept.filter(([text]) => lists.get(text)?.check(one, family))
          for (const [text] of expected) expect(found).toContain(text)
          for (const text of found) expect(lists.get(text)?.check(one, family)).toBe(true)
          seen[expected.length > 0 ? 'inside' : 'outside'] += 1
        }
      }),
      { numRuns: 500 },
    )
    const asked = seen.inside + seen.outside
    expect(Math.min(seen.inside, seen.outside) / asked).toBeGreaterThan(0.1)
  })

  it('come from the shortest prefix to the longest', () => {
    fc.assert(
      fc.property(
        fc.array(range.filter(holdsNoIpv4), { maxLength: 30 }),
        address,
        (ranges, one) => {
          const trie = new PrefixTrie<number>(family)
          for (const text of ranges) trie.add(network(text), network(text).length)
          const lengths = trie.find(words(one)).map((values) => values[0] ?? 0)
          expect(lengths).toEqual(lengths.toSorted((a, b) => a - b))
        },
      ),
    )
  })

  it('leave nothing behind when all are removed', () => {
    fc.assert(
      fc.property(
        fc.array(range.filter(holdsNoIpv4), { maxLength: 30 }),
        address,
        (ranges, one) => {
          const trie = new PrefixTrie<string>(family)
          for (const text of ranges) trie.add(network(text), text)
          expect(trie.size).toBe(ranges.length)
          for (const text of new Set(ranges)) {
            expect(trie.remove(network(text), text)).toBe(true)
            expect(trie.remove(network(text), text)).toBe(false)
          }
          expect(trie.find(words(one))).toEqual([])
        },
      ),
    )
  })
})

describe('a range', () => {
  it.each(vectors.cidr.filter(([, range]) => !range.endsWith('/0')))(
    '%s in %s: %s',
    (address, range, inside) => {
      const trie = new PrefixTrie<string>('ipv4')
      trie.add(network(range), range)
      expect(trie.find(words(address)).length === 1).toBe(inside)
    },
  )

  it.each([...vectors.invalid_ipv4, ...vectors.weird_ipv4.map(([text]) => text)])(
    'that readers disagree about is none: %s',
    (text) => {
      expect(readNetwork(text).ok).toBe(false)
      expect(readNetwork(`${text}/24`).ok).toBe(false)
    },
  )

  it.each([
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['10.1.2.3', '10.1.2.3/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['255.255.255.255/1', '128.0.0.0/1'],
    ['::ffff:10.1.2.3/104', '10.0.0.0/8'],
    ['::ffff:a01:203', '10.1.2.3/32'],
    ['2001:DB8::1/33', '2001:db8::/33'],
    ['2001:db8:ffff:ffff::/33', '2001:db8:8000::/33'],
    ['::/0', '::/0'],
    ['64:ff9b::10.1.2.3', '64:ff9b::a01:203/128'],
    ['2002:a01:203::/48', '2002:a01:203::/48'],
  ])('%s is written %s', (text, canonical) => {
    expect(network(text).text).toBe(canonical)
  })

  it('of 6to4 or NAT64 is not the IPv4 range that it carries', () => {
    expect(network('2002:a01:203::/48').family).toBe('ipv6')
    const trie = new PrefixTrie<string>('ipv4')
    trie.add(network('10.0.0.0/8'), 'ten')
    expect(trie.find(words('::ffff:10.1.2.3')).length).toBe(1)
    expect(parseAddress('64:ff9b::10.1.2.3')?.family).toBe('ipv6')
  })
})

it('100,000 ranges are all found, each under its own prefix', () => {
  const trie = new PrefixTrie<number>('ipv4')
  const rangeOf = (at: number) => `${11 + (at >>> 16)}.${(at >>> 8) & 255}.${at & 255}.0/24`
  for (let at = 0; at < 100_000; at++) trie.add(network(rangeOf(at)), at)
  for (let at = 0; at < 100_000; at += 997) {
    expect(trie.find(words(rangeOf(at).replace('0/24', '7')))).toEqual([[at]])
  }
  expect(trie.find(words('13.0.0.1'))).toEqual([])
})
