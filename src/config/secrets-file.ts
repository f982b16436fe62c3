import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { SecurityError } from '../errors/index.ts'
import { type Random, systemRandom } from '../ports/index.ts'
import { configErrors } from './errors.ts'
import { weaknessOf } from './secrets.ts'

/** The secrets that a process cannot run without. */
export interface Secrets {
  readonly masterKey: string
}

const isWindows = process.platform === 'win32'

/** Fresh secrets: 256 random bits each, base64url. */
export function generateSecrets(random: Random = systemRandom): Secrets {
  return { masterKey: Buffer.from(random.bytes(32)).toString('base64url') }
}

/**
 * Secrets for development: read from `secrets.json` in `dir`, or made there the first time. The
 * directory is private (0700) and so is the file (0600). Any number of processes may start at once:
 * the first file wins whole, and all of them read it.
 *
 * Throws the SecurityError `insecure_secrets_file` when others may read the file, when it or the
 * directory belongs to another user, or when it is damaged.
 * For production give MASTER_ENCRYPTION_KEY instead: a key beside the data protects nothing.
 */
export function developmentSecrets(dir: string, random: Random = systemRandom): Secrets {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  refuseSharedDirectory(dir)
  const path = join(dir, 'secrets.json')
  return readSecrets(path) ?? createSecrets(path, random)
}

/** Whoever owns the directory or may write it could put another file in its place. */
function refuseSharedDirectory(dir: string): void {
  const state = statSync(dir)
  refuseForeign(dir, state)
  if (isWindows || (state.mode & 0o022) === 0) return
  throw insecure(`${dir} can be written by others. Run: chmod 700 ${dir}`)
}

/** The owner of a file may read and change it whatever its mode says. Windows knows no such owner. */
function refuseForeign(path: string, { uid }: { readonly uid: number }): void {
  const own = process.getuid?.()
  if (own === undefined || uid === own) return
  throw insecure(
    `${path} belongs to another user (uid ${uid}), this process is uid ${own}. ` +
      `Start it as that user, or run: chown ${own} ${path}`,
  )
}

function createSecrets(path: string, random: Random): Secrets {
  const secrets = generateSecrets(random)
  const created = writePrivateFile(path, `${JSON.stringify(secrets)}\n`, random)
  const kept = created ? secrets : readSecrets(path)
  if (kept === undefined) throw insecure(`${path} vanished while it was read. Start again.`)
  return kept
}

/**
 * Writes a file that only its owner can read (0600), at once and as a whole: it is written beside
 * its place under another name, flushed and then linked there. False when the place is taken; what
 * stands there is left as it is.
 */
export function writePrivateFile(
  path: string,
  text: string,
  random: Random = systemRandom,
): boolean {
  const draft = `${path}.${Buffer.from(random.bytes(8)).toString('hex')}`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
    chmodSync(draft, 0o600)
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    closeSync(file)
    rmSync(draft, { force: true })
  }
}

function readSecrets(path: string): Secrets | undefined {
  const state = lstatSync(path, { throwIfNoEntry: false })
  if (!state) return undefined
  if (!state.isFile()) throw insecure(`${path} is not a plain file. Remove it or move it away.`)
  refuseForeign(path, state)
  if (!isWindows && (state.mode & 0o077) !== 0) {
    throw insecure(`${path} can be read by others. Run: chmod 600 ${path}`)
  }
  return parseSecrets(path)
}

function parseSecrets(path: string): Secrets {
  const secrets = parseJson(readFileSync(path, 'utf8'))
  const masterKey =
    typeof secrets === 'object' && secrets !== null && Reflect.get(secrets, 'masterKey')
  if (typeof masterKey !== 'string' || weaknessOf(masterKey) !== undefined) {
    throw insecure(
      `${path} holds no usable master key. Restore it, or remove it together with the data that it sealed.`,
    )
  }
  return { masterKey }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function insecure(detail: string): SecurityError {
  return new SecurityError('insecure_secrets_file', {
    ...configErrors.$table.insecure_secrets_file,
    detail,
  })
}
