/** A value of ASN.1 in DER (X.690): its tag, its shortest length, its contents. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents)
  return Buffer.concat([Buffer.of(tag), lengthOf(body), body])
}

function lengthOf({ length }: Buffer): Buffer {
  if (length < 0x80) return Buffer.of(length)
  if (length < 0x100) return Buffer.of(0x81, length)
  return Buffer.of(0x82, length >> 8, length & 0xff)
}

/** The same value with a length that is a byte longer than it has to be: BER, and no DER. */
export function inLongForm(value: Buffer): Buffer {
  return Buffer.concat([value.subarray(0, 1), Buffer.of(0x81), value.subarray(1)])
}

export const sequence = (...contents: readonly Uint8Array[]) => der(0x30, ...contents)
export const octets = (...contents: readonly Uint8Array[]) => der(0x04, ...contents)
export const integer = (value: number) => der(0x02, Buffer.of(value))
export const enumerated = (value: number) => der(0x0a, Buffer.of(value))
export const bits = (bytes: Uint8Array) => der(0x03, Buffer.of(0), bytes)

/** An object identifier, such as `2.5.29.31`. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return der(0x06, Buffer.from([40 * first + second, ...rest.flatMap(inSevens)]))
}

function inSevens(arc: number): number[] {
  const bytes = [arc & 0x7f]
  for (let left = arc >>> 7; left > 0; left >>>= 7) bytes.unshift((left & 0x7f) | 0x80)
  return bytes
}
