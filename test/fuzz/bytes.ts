import type { Chance } from './chance.ts'

/** Spoils the bytes of a body as no honest client would. */
export function spoilBytes(chance: Chance, bytes: Buffer): Buffer {
  return chance.pick(spoilers)(chance, bytes)
}

type Spoiler = (chance: Chance, bytes: Buffer) => Buffer

const spoilers: readonly Spoiler[] = [
  flipBits,
  truncate,
  (chance, bytes) => insert(chance, bytes, Buffer.from([chance.below(256)])),
  (chance, bytes) => insert(chance, bytes, Buffer.from(chance.pick(insertions))),
  (chance, bytes) => insert(chance, bytes, Buffer.from([0xed, 0xa0, 0x80])),
  (chance, bytes) => insert(chance, bytes, Buffer.from([0xc0, 0xaf, 0xff])),
  (_, bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
  (_, bytes) => Buffer.concat([bytes, bytes]),
  (_, bytes) => Buffer.from(bytes.toString('utf8'), 'utf16le'),
  doubleKeys,
  nest,
  widen,
  hugeNumber,
]

const insertions = [
  ...['\\u0000', '\\ud800', '\\udc00\\ud800', '"', '\\', ',', ',,', ':', '{}', '[]', '[[', '}}'],
  ...['/*x*/', 'NaN', '-Infinity', '1e999', '0x10', '01', 'undefined', '\u2028', '\0', '&', '%'],
  ...['%ff', '=', '&&=', '__proto__=1&', '"__proto__":{"a":1},', '"constructor":{"prototype":1},'],
]

function flipBits(chance: Chance, bytes: Buffer): Buffer {
  const flipped = Buffer.from(bytes)
  for (let times = 1 + chance.below(8); times > 0 && flipped.length > 0; times -= 1) {
    const at = chance.below(flipped.length)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << chance.below(8))
  }
  return flipped
}

function truncate(chance: Chance, bytes: Buffer): Buffer {
  return bytes.subarray(0, chance.below(bytes.length + 1))
}

function insert(chance: Chance, bytes: Buffer, added: Buffer): Buffer {
  const at = chance.below(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)])
}

/** Every member twice, the second time with another value. */
function doubleKeys(_: Chance, bytes: Buffer): Buffer {
  const text = bytes.toString('utf8')
  return Buffer.from(
    text.startsWith('{') ? `{${text.slice(1, -1)},${text.slice(1)}` : `${text}&${text}`,
  )
}

function nest(chance: Chance, bytes: Buffer): Buffer {
  const depth = chance.pick([30, 33, 500, 20_000])
  const [open, close] = chance.pick([
    ['[', ']'],
    ['{"a":', '}'],
  ] as const)
  return Buffer.concat([
    Buffer.from(open.repeat(depth)),
    chance.percent(50) ? bytes : Buffer.from('1'),
    Buffer.from(close.repeat(chance.pick([depth, 0]))),
  ])
}

function widen(chance: Chance): Buffer {
  const count = chance.pick([999, 1_001, 9_000])
  const members = Array.from({ length: count }, (_, at) => `"k${at}":0`)
  return Buffer.from(`{${members.join(',')}}`)
}

function hugeNumber(chance: Chance, bytes: Buffer): Buffer {
  const number = chance.pick([
    '9'.repeat(50_000),
    '1e400',
    '-1e-400',
    '9007199254740993',
    '1E+5000',
  ])
  return insert(chance, bytes, Buffer.from(`"n":${number},`))
}
