/** A number of bytes as people write it: `'512b'`, `'100kb'`, `'5mb'`; 1 kb is 1024 bytes. */
export type Size = `${number}${'b' | 'kb' | 'mb'}`

const unitBytes: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['kb', 1_024],
  ['mb', 1_048_576],
])

/** Whole bytes of `text`, or undefined when it is not a positive size with a unit. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,9})(b|kb|mb)$/i.exec(text)
  if (!match) return undefined
  const bytes = Number(match[1]) * (unitBytes.get((match[2] ?? '').toLowerCase()) ?? Number.NaN)
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined
}

/** The shortest exact way to write `bytes`: 102400 is `100kb`. */
export function formatSize(bytes: number): Size {
  for (const unit of ['mb', 'kb'] as const) {
    const size = unitBytes.get(unit) ?? 1
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`
  }
  return `${bytes}b`
}
