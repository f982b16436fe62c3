/** Bytes above 0x7f are kept as a replacement character each, unless they are UTF-8. */
export interface Unescaped {
  readonly text: string
  readonly overlong: boolean
}

const encoded = /%[0-9a-f]{2}/i
const run = /(?:%[0-9a-f]{2})+/gi
const overlongByte = /%c[01]%[89ab][0-9a-f]/gi

/**
 * Resolves percent escapes (and `+` in queries and forms) once, as a lenient server does. A broken escape
 * stays as it is. Overlong UTF-8, which no honest client writes, is read as what it hides.
 */
export function unescapePercent(raw: string, plus: boolean): Unescaped {
  const spaced = plus ? raw.replaceAll('+', ' ') : raw
  if (!encoded.test(spaced)) return { text: spaced, overlong: false }
  let overlong = false
  const short = spaced.replace(overlongByte, (found) => {
    overlong = true
    const code =
      ((Number.parseInt(found.slice(2, 3), 16) & 1) << 6) |
      (Number.parseInt(found.slice(4), 16) & 0x3f)
    return `%${code.toString(16).padStart(2, '0')}`
  })
  return { text: short.replace(run, readRun), overlong }
}

function readRun(found: string): string {
  return Buffer.from(found.replaceAll('%', ''), 'hex').toString('utf8')
}
