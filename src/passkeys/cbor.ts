const mostDepth = 8

/**
 * Where the CBOR item that begins at `at` ends; undefined unless it is whole and written as CTAP2
 * writes: lengths known beforehand and in their shortest form, no tags, no fractions, and never deep
 * enough to trouble the decoder that reads it after us. Reads each byte once.
 */
export function endOfItem(bytes: Uint8Array, at: number, depth = mostDepth): number | undefined {
  const head = readHead(bytes, at)
  if (!head || depth === 0) return undefined
  const { argument, end, major } = head
  if (major <= 1) return end
  if (major <= 3) return end + argument <= bytes.length ? end + argument : undefined
  if (major === 4) return endOfItems(bytes, { at: end, count: argument, depth: depth - 1 })
  if (major === 5) return endOfItems(bytes, { at: end, count: 2 * argument, depth: depth - 1 })
  const isConstant = major === 7 && argument >= 20 && argument <= 22
  return isConstant ? end : undefined
}

/** Whether `bytes` are one item and nothing else. */
export function isOneItem(bytes: Uint8Array): boolean {
  return endOfItem(bytes, 0) === bytes.length
}

function endOfItems(
  bytes: Uint8Array,
  items: { readonly at: number; readonly count: number; readonly depth: number },
): number | undefined {
  let at: number | undefined = items.at
  for (let index = 0; index < items.count && at !== undefined; index++) {
    at = endOfItem(bytes, at, items.depth)
  }
  return at
}

/** The first bytes of an item: its major type and argument (RFC 8949 section 3). */
function readHead(bytes: Uint8Array, at: number) {
  const first = bytes[at]
  if (first === undefined) return undefined
  const [major, info] = [first >> 5, first & 0x1f]
  if (info < 24) return { major, argument: info, end: at + 1 }
  const size = 2 ** (info - 24)
  if (size > 4 || at + 1 + size > bytes.length) return undefined
  const argument = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readUIntBE(
    at + 1,
    size,
  )
  const least = size === 1 ? 24 : 2 ** (4 * size)
  return argument < least ? undefined : { major, argument, end: at + 1 + size }
}
