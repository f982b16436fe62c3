import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compileReach, isPublicAddress } from './public-address.ts'

it.each([
  ...['1.1.1.1', '8.8.8.8', '93.184.215.14', '172.15.255.255', '172.32.0.1', '100.63.255.255'],
  ...['100.128.0.1', '169.253.0.1', '192.0.1.1', '198.17.255.255', '223.255.255.255'],
  ...['2606:4700:4700::1111', '2a00:1450:4001::8', '2001:4860:4860::8888', '::ffff:8.8.8.8'],
])('%s is of the public internet', (ip) => {
  expect(isPublicAddress(ip)).toBe(true)
})

it.each([
  // Loopback, this host, private, link-local, shared, benchmarks, documentation, multicast, the rest.
  ...['127.0.0.1', '127.255.255.255', '0.0.0.0', '0.1.2.3', '10.0.0.1', '172.16.0.1', '172.31.9.9'],
  ...[
    '192.168.0.1',
    '169.254.1.1',
    '100.64.0.1',
    '100.127.255.255',
    '198.18.0.1',
    '198.19.255.255',
  ],
  ...['192.0.0.8', '192.0.2.1', '198.51.100.1', '203.0.113.1', '192.88.99.1', '224.0.0.1'],
  ...['239.255.255.255', '240.0.0.1', '255.255.255.255'],
  // Machines of clouds that answer their guests.
  ...['169.254.169.254', '169.254.170.2', '100.100.100.200', '192.0.0.192', '168.63.129.16'],
  ...['fd00:ec2::254', 'fd20:ce::254', 'fe80::a9fe:a9fe'],
  // IPv6, and IPv4 within it.
  ...['::', '::1', 'fe80::1', 'fec0::1', 'fc00::1', 'fd12:3456::1', 'ff02::1', 'ff0e::1'],
  ...[
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:169.254.169.254',
    '::ffff:10.0.0.1',
    '::127.0.0.1',
  ],
  ...['64:ff9b::7f00:1', '64:ff9b::808:808', '64:ff9b:1::1', '2002:7f00:1::', '2002:a00:1::1'],
  ...['2001::1', '2001:0:7f00:1::', '2001:db8::1', '3fff::1', '5f00::1', '100::1', '4000::1'],
  ...['fe80::1%eth0', '::ffff:0:127.0.0.1'],
  // No addresses.
  ...['', 'localhost', '127.1', '0x7f.0.0.1', '017700000001', '2130706433', '1.1.1.1:80', '[::1]'],
])('%j is not', (ip) => {
  expect(isPublicAddress(ip)).toBe(false)
})

it('an address of IPv4 is judged alike in each of its spellings', () => {
  let open = 0
  fc.assert(
    fc.property(fc.ipV4(), (ip) => {
      const mapped = isPublicAddress(`::ffff:${ip}`)
      if (mapped) open += 1
      expect(mapped).toBe(isPublicAddress(ip))
      const [a = 0, b = 0, c = 0, d = 0] = ip.split('.').map(Number)
      const groups = [a * 256 + b, c * 256 + d].map((group) => group.toString(16))
      expect(isPublicAddress(`0:0:0:0:0:FFFF:${groups.join(':')}`)).toBe(mapped)
      // NAT64 and 6to4 lead to wherever the IPv4 address does, so neither is called.
      expect(isPublicAddress(`64:ff9b::${groups.join(':')}`)).toBe(false)
      expect(isPublicAddress(`2002:${groups.join(':')}::1`)).toBe(false)
    }),
    { numRuns: 2_000 },
  )
  expect(open).toBeGreaterThan(500)
})

it('a named network is reached, and nothing beside it', () => {
  const reaches = compileReach(['10.2.0.0/16', 'fd00::/8'])
  expect(reaches('10.2.3.4')).toBe(true)
  expect(reaches('::ffff:10.2.3.4')).toBe(true)
  expect(reaches('fd00::1')).toBe(true)
  expect(reaches('10.3.0.1')).toBe(false)
  expect(reaches('127.0.0.1')).toBe(false)
  expect(() => compileReach(['10.0.0.0/99'])).toThrow('networks: "10.0.0.0/99"')
})
