/** What the tests write as CBOR. */
export type Cbor = number | string | boolean | null | Uint8Array | readonly Cbor[] | CborMap
export type CborMap = ReadonlyMap<number | string, Cbor>

/** CBOR (RFC 8949) in its shortest form; maps keep the order they were given. */
export function encodeCbor(value: Cbor): Buffer {
  if (value === null) return Buffer.of(0xf6)
  if (typeof value === 'boolean') return Buffer.of(value ? 0xf5 : 0xf4)
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return withHead(3, Buffer.from(value))
  if (value instanceof Uint8Array) return withHead(2, value)
  if (isMap(value)) {
    const items = [...value].flatMap(([key, item]) => [encodeCbor(key), encodeCbor(item)])
    return Buffer.concat([head(5, value.size), ...items])
  }
  return Buffer.concat([head(4, value.length), ...value.map(encodeCbor)])
}

function isMap(value: readonly Cbor[] | CborMap): value is CborMap {
  return value instanceof Map
}

function withHead(major: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([head(major, bytes.length), bytes])
}

/** The first bytes of an item: its major type and its argument. */
export function head(major: number, argument: number): Buffer {
  const kind = major << 5
  if (argument < 24) return Buffer.of(kind | argument)
  if (argument < 0x100) return Buffer.of(kind | 24, argument)
  if (argument < 0x1_0000) return Buffer.of(kind | 25, argument >> 8, argument & 0xff)
  const bytes = Buffer.alloc(5)
  bytes[0] = kind | 26
  bytes.writeUInt32BE(argument, 1)
  return bytes
}
