const reserved = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])$/i
/** Controls, marks that turn the direction of text round, and what no file system takes. */
const unfit = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}<>:"|?*]/gu
const mostBytes = 255

/**
 * The name of a file as its sender gave it, fit to be shown and offered for saving, never to be a path:
 * its last segment, without what turns text round or is reserved somewhere, at most 255 bytes, and with
 * the extension of its type.
 */
export function displayName(given: string, extension: string): string {
  const last = given.toWellFormed().normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const clean = last.replace(unfit, '').replace(/\s+/gu, ' ')
  const bare = withoutEnding(clean, extension).replace(/^[. ]+|[. ]+$/g, '')
  const stem = bare === '' || reserved.test(bare.split('.')[0] ?? '') ? `file ${bare}`.trim() : bare
  return `${cut(stem, mostBytes - extension.length - 1)}.${extension}`
}

function withoutEnding(name: string, extension: string): string {
  const endings = extension === 'jpg' ? ['.jpg', '.jpeg'] : [`.${extension}`]
  const ending = endings.find((one) => name.toLowerCase().endsWith(one))
  return ending === undefined ? name : name.slice(0, -ending.length)
}

function cut(text: string, bytes: number): string {
  let kept = ''
  let size = 0
  for (const character of text) {
    size += Buffer.byteLength(character)
    if (size > bytes) break
    kept += character
  }
  return kept.trimEnd()
}

/** `Content-Disposition: attachment` with a name (RFC 6266): plain for old readers, and whole. */
export function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const whole = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`
}
