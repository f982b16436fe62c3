import { execFile } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { developmentSecrets, generateSecrets, resolveConfig, writePrivateFile } from './index.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const home = () => join(dir, 'data')
const file = () => join(home(), 'secrets.json')

it('secrets are made once, for their owner alone, and found again', () => {
  const first = developmentSecrets(home())
  expect(developmentSecrets(home())).toEqual(first)
  expect(statSync(home()).mode & 0o777).toBe(0o700)
  expect(statSync(file()).mode & 0o777).toBe(0o600)
  expect(readdirSync(home())).toEqual(['secrets.json'])
  expect(resolveConfig({ ...first, mode: 'development' }).masterKey.bytes()).toHaveLength(32)
  expect(generateSecrets()).not.toEqual(generateSecrets())
})

it('eight processes at once end with one file and the same secrets', {
  timeout: 60_000,
}, async () => {
  const module = new URL('./index.ts', import.meta.url).href
  const program = `const { developmentSecrets } = await import(${JSON.stringify(module)}); console.log(developmentSecrets(process.argv[1]).masterKey)`
  const start = () =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, home()])
  const answers = await Promise.all(Array.from({ length: 8 }, start))
  expect(new Set(answers.map(({ stdout }) => stdout)).size).toBe(1)
  expect(readdirSync(home())).toEqual(['secrets.json'])
})

it('a file that others can read is refused, with the command that mends it', () => {
  const secrets = developmentSecrets(home())
  chmodSync(file(), 0o640)
  expect(() => developmentSecrets(home())).toThrow(`chmod 600 ${file()}`)
  chmodSync(file(), 0o600)
  expect(developmentSecrets(home())).toEqual(secrets)
})

describe('what belongs to another user is refused, with the command that mends it', () => {
  const own = process.getuid?.() ?? 0
  const stranger = own + 1
  afterEach(() => void vi.restoreAllMocks())

  it('a directory', () => {
    mkdirSync(home(), { mode: 0o700 })
    vi.spyOn(process, 'getuid').mockReturnValue(stranger)
    expect(() => developmentSecrets(home())).toThrow(
      `${home()} belongs to another user (uid ${own}), this process is uid ${stranger}. Start it as that user, or run: chown ${stranger} ${home()}`,
    )
    expect(readdirSync(home())).toEqual([])
  })

  it('a file', () => {
    developmentSecrets(home())
    // The directory is asked first; only it is ours.
    vi.spyOn(process, 'getuid').mockReturnValueOnce(own).mockReturnValue(stranger)
    expect(() => developmentSecrets(home())).toThrow(`chown ${stranger} ${file()}`)
  })
})

it('a directory that others can write is refused', () => {
  developmentSecrets(home())
  chmodSync(home(), 0o777)
  expect(() => developmentSecrets(home())).toThrow(`chmod 700 ${home()}`)
})

it.each(['', '{', '[]', '{"masterKey":"change-me"}', '{"masterKey":7}', 'null'])(
  'a damaged file (%j) is refused and never replaced',
  (text) => {
    mkdirSync(home(), { mode: 0o700 })
    writeFileSync(file(), text, { mode: 0o600 })
    expect(() => developmentSecrets(home())).toThrow('no usable master key')
    expect(readFileSync(file(), 'utf8')).toBe(text)
  },
)

it('a symbolic link in the place of the file is refused', () => {
  mkdirSync(home(), { mode: 0o700 })
  symlinkSync('/etc/hostname', file())
  expect(() => developmentSecrets(home())).toThrow('not a plain file')
})

it('a private file never replaces another', () => {
  const path = join(dir, 'key')
  expect(writePrivateFile(path, 'one')).toBe(true)
  expect(writePrivateFile(path, 'two')).toBe(false)
  expect(readFileSync(path, 'utf8')).toBe('one')
  expect(readdirSync(dir)).toEqual(['key'])
})
