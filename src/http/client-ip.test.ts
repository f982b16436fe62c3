import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../../test/vectors/ip/ipaddr-cases.json' with { type: 'json' }
import { compileTrustedProxies, resolveClient } from './client-ip.ts'
import { limitKey, parseAddress, parseHop } from './client-ip-parse.ts'

const nobody = compileTrustedProxies([])
const proxies = compileTrustedProxies(['loopback', '10.0.0.0/8', '2001:db8:aaaa::/48', '192.0.2.7'])

describe('the client is found from the right, through trusted proxies alone', () => {
  it.each([
    // peer, X-Forwarded-For, client
    ['203.0.113.9', undefined, '203.0.113.9'],
    ['203.0.113.9', '1.1.1.1', '203.0.113.9'],
    ['203.0.113.9', '10.0.0.1', '203.0.113.9'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '', '10.0.0.1'],
    ['10.0.0.1', '198.51.100.4', '198.51.100.4'],
    ['10.0.0.1', '1.1.1.1, 198.51.100.4', '198.51.100.4'],
    ['10.0.0.1', '1.1.1.1,198.51.100.4', '198.51.100.4'],
    ['10.0.0.1', '127.0.0.1, 198.51.100.4', '198.51.100.4'],
    ['10.0.0.1', '198.51.100.4, 10.2.3.4', '198.51.100.4'],
    ['10.0.0.1', '1.1.1.1, 198.51.100.4, 10.2.3.4, 192.0.2.7', '198.51.100.4'],
    ['10.0.0.1', '1.1.1.1, 10.9.9.9, 198.51.100.4, 10.2.3.4', '198.51.100.4'],
    ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['127.0.0.1', '198.51.100.4', '198.51.100.4'],
    ['::1', '198.51.100.4', '198.51.100.4'],
    ['::ffff:127.0.0.1', '198.51.100.4', '198.51.100.4'],
    ['::ffff:10.0.0.1', '::ffff:198.51.100.4', '198.51.100.4'],
    ['::ffff:cb00:7109', undefined, '203.0.113.9'],
    ['0:0:0:0:0:ffff:203.0.113.9', undefined, '203.0.113.9'],
    ['192.0.2.8', '198.51.100.4', '192.0.2.8'],
    ['2001:db8:aaaa::5', '198.51.100.4', '198.51.100.4'],
    ['2001:db8:aaab::5', '198.51.100.4', '2001:db8:aaab::5'],
    ['10.0.0.1', '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['10.0.0.1', '198.51.100.4:49152', '198.51.100.4'],
    ['10.0.0.1', '[2001:db8::1]:443', '2001:db8::1'],
    ['10.0.0.1', '[2001:db8::1]', '2001:db8::1'],
    ['10.0.0.1', 'fe80::1%eth0', 'fe80::1'],
    ['fe80::1%eth0', undefined, 'fe80::1'],
    ['10.0.0.1', '  198.51.100.4\t', '198.51.100.4'],
    // What is no address ends the walk at the last hop that is known for certain.
    ['10.0.0.1', 'unknown', '10.0.0.1'],
    ['10.0.0.1', '198.51.100.4, unknown', '10.0.0.1'],
    ['10.0.0.1', '198.51.100.4, unknown, 10.0.0.2', '10.0.0.2'],
    ['10.0.0.1', '198.51.100.4,', '10.0.0.1'],
    ['10.0.0.1', ',198.51.100.4', '198.51.100.4'],
    ['10.0.0.1', '198.51.100.4, , 10.0.0.2', '10.0.0.2'],
    ['10.0.0.1', '198.51.100.04', '10.0.0.1'],
    ['10.0.0.1', '0x7f.0.0.1', '10.0.0.1'],
    ['10.0.0.1', '3325256708', '10.0.0.1'],
    ['10.0.0.1', '198.51.100.4:', '10.0.0.1'],
    ['10.0.0.1', '198.51.100.4:999999', '10.0.0.1'],
    ['10.0.0.1', '[198.51.100.4]', '10.0.0.1'],
    ['10.0.0.1', '2001:db8::1]:80', '10.0.0.1'],
    ['10.0.0.1', '"198.51.100.4"', '10.0.0.1'],
    ['10.0.0.1', "198.51.100.4' or 1=1 --", '10.0.0.1'],
    ['10.0.0.1', '_hidden', '10.0.0.1'],
  ])('%s with %j is %s', (peer, header, client) => {
    expect(resolveClient(peer, header, proxies).ip).toBe(client)
  })

  it('without trusted proxies the header is never believed', () => {
    expect(resolveClient('127.0.0.1', '198.51.100.4', nobody).ip).toBe('127.0.0.1')
    expect(resolveClient('10.0.0.1', '198.51.100.4', nobody).ip).toBe('10.0.0.1')
  })

  it('several header lines count as one, the last line last', () => {
    const lines = ['1.1.1.1', '198.51.100.4, 10.0.0.2']
    expect(resolveClient('10.0.0.1', lines, proxies).ip).toBe('198.51.100.4')
    expect(resolveClient('10.0.0.1', [], proxies).ip).toBe('10.0.0.1')
  })

  it('a socket that tells no address is one bucket, whatever the header says', () => {
    const unknown = { ip: 'unknown', key: 'unknown' }
    expect(resolveClient('', '198.51.100.4', proxies)).toEqual(unknown)
    expect(resolveClient('', '198.51.100.5', proxies)).toEqual(unknown)
  })
})

describe('the key of a client', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::', '2001:db8:1:3::/64'],
    ['2001:db8::1', '2001:db8::/64'],
    ['::1', '::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
  ])('of %s is %s', (peer, key) => {
    expect(resolveClient(peer, undefined, nobody).key).toBe(key)
  })

  it('is the same for all of a /64 and differs for every two IPv4-mapped addresses', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16))
    const host = fc.array(group, { minLength: 4, maxLength: 4 }).map((list) => list.join(':'))
    fc.assert(
      fc.property(host, host, (one, other) => {
        const key = (text: string) => resolveClient(text, undefined, nobody).key
        expect(key(`2001:db8:0:7:${one}`)).toBe(key(`2001:db8:0:7:${other}`))
      }),
    )
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), (one, other) => {
        const key = (text: string) => resolveClient(`::ffff:${text}`, undefined, nobody).key
        expect(key(one) === key(other)).toBe(one === other)
      }),
    )
  })
})

describe('addresses', () => {
  it.each([
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:DB8::AAAA', '2001:db8::aaaa'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::1.2.3.4', '::102:304'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ])('%s is written %s (RFC 5952 section 4)', (text, canonical) => {
    expect(parseAddress(text)).toEqual({ ip: canonical, family: 'ipv6' })
  })

  it('that readers disagree about are refused', () => {
    const disputed = [...vectors.invalid_ipv4, ...vectors.invalid_ipv6]
    for (const [text] of vectors.weird_ipv4) disputed.push(String(text))
    expect(disputed.length).toBeGreaterThan(20)
    expect(disputed.filter((text) => parseAddress(text) ?? parseHop(text))).toEqual([])
  })

  it('that are valid are read', () => {
    expect(vectors.valid_ipv6.map((text) => parseAddress(text)?.ip)).toEqual([
      '2001:db8:f53a::1',
      '192.168.1.1',
      '192.168.1.1',
      '::101:101',
    ])
  })

  it('are read as URL reads them, whatever their spelling', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const parsed = parseAddress(text)
        const viaUrl = new URL(`http://[${text}]/`).hostname.slice(1, -1)
        if (parsed?.family === 'ipv6') expect(parsed.ip).toBe(viaUrl)
        else expect(viaUrl).toMatch(/^::ffff:/)
      }),
      { numRuns: 2_000 },
    )
  })

  it('keep their one spelling when read again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const once = parseAddress(text)
        expect(once).toBeDefined()
        expect(once && parseAddress(once.ip)).toEqual(once)
      }),
    )
  })
})

describe('trusted proxies', () => {
  it.each(vectors.cidr.filter(([, range]) => !String(range).endsWith('/0')))(
    '%s in %s: %s',
    (address, range, inside) => {
      const trusted = compileTrustedProxies([String(range)])
      const parsed = parseAddress(String(address))
      expect(parsed && trusted.trusts(parsed)).toBe(inside)
    },
  )

  it('by name', () => {
    const trusted = compileTrustedProxies(['private'])
    const trusts = (text: string) => {
      const address = parseAddress(text)
      return address !== undefined && trusted.trusts(address)
    }
    expect(['10.1.2.3', '172.31.0.1', '192.168.0.1', 'fd00::1'].every(trusts)).toBe(true)
    expect(['172.32.0.1', '127.0.0.1', '8.8.8.8', '2001:db8::1'].some(trusts)).toBe(false)
  })

  it('an IPv4-mapped range is the IPv4 range', () => {
    const trusted = compileTrustedProxies(['::ffff:10.0.0.0/104'])
    expect(resolveClient('10.3.2.1', '198.51.100.4', trusted).ip).toBe('198.51.100.4')
    expect(resolveClient('11.3.2.1', '198.51.100.4', trusted).ip).toBe('11.3.2.1')
  })

  it.each([
    ...['', 'proxy.example', '10.0.0', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/', '10.0.0.0/8/8'],
    ...['2001:db8::/129', 'fe80::1%eth0', '0x0a.0.0.0/8', 'Loopback', '::ffff:10.0.0.0/80'],
    ...['0.0.0.0/0', '::/0', '::ffff:0.0.0.0/96', 'true', '*'],
  ])('a bad entry is refused by name: %j', (entry) => {
    expect(() => compileTrustedProxies(['10.0.0.1', entry])).toThrow(
      expect.objectContaining({
        code: 'trusted_proxy_invalid',
        detail: expect.stringContaining(JSON.stringify(entry)),
      }),
    )
  })
})

describe('whatever the header holds', () => {
  const hop = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom('10.0.0.1', '192.0.2.7', 'unknown', '', '[::1]:80', '1.2.3.4:5'),
    fc.string(),
  )

  it('the answer is an address, and one of those that were there', () => {
    fc.assert(
      fc.property(fc.array(hop, { maxLength: 12 }), (hops) => {
        const header = hops.join(', ')
        const { ip } = resolveClient('10.0.0.1', header, proxies)
        expect(isIP(ip)).not.toBe(0)
        const seen = header.split(',').map((entry) => parseHop(entry)?.ip)
        expect(['10.0.0.1', ...seen]).toContain(ip)
      }),
      { numRuns: 2_000 },
    )
  })

  it('what a client writes never moves what its proxy wrote', () => {
    fc.assert(
      fc.property(fc.string(), fc.ipV4(), (forged, real) => {
        const trusted = new BlockList()
        trusted.addSubnet('10.0.0.0', 8)
        trusted.addSubnet('127.0.0.0', 8)
        trusted.addAddress('192.0.2.7')
        fc.pre(!trusted.check(real))
        expect(resolveClient('10.0.0.1', `${forged}, ${real}`, proxies).ip).toBe(real)
      }),
      { numRuns: 2_000 },
    )
  })

  it('100 KB of it costs no more than reading it once', () => {
    const header = '10.0.0.1,'.repeat(11_000)
    expect(resolveClient('10.0.0.1', header, proxies).ip).toBe('10.0.0.1')
    expect(resolveClient('10.0.0.1', `${'9'.repeat(100_000)}`, proxies).ip).toBe('10.0.0.1')
  })
})

it('the key of an IPv6 address is its network as URL writes it', () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
  const groups = fc.array(group, { minLength: 8, maxLength: 8 })
  fc.assert(
    fc.property(groups, (list) => {
      const hex = list.map((value) => value.toString(16))
      const address = parseAddress(hex.join(':'))
      fc.pre(address?.family === 'ipv6')
      const network = new URL(`http://[${hex.slice(0, 4).join(':')}:0:0:0:0]/`).hostname
      expect(address && limitKey(address)).toBe(`${network.slice(1, -1)}/64`)
    }),
    { numRuns: 2_000 },
  )
})
