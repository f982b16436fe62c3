import type { Argon2Variant } from './argon2.ts'
import type { ForeignHash, Pbkdf2Digest } from './foreign-hash.ts'

/** The longest text that any format here needs, and no shorter than the column that keeps it. */
const longestHash = 500
const leastTagBytes = 16
const mostTagBytes = 64
const mostSaltBytes = 128

type Parts = readonly string[]

/** One spelling of a hash: what it looks like, and how its parts are read. */
interface Format {
  readonly shape: RegExp
  readonly read: (parts: Parts) => ForeignHash | undefined
}

const bcrypt: Format = {
  shape: /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/,
  read: ([cost, salt = '', tag = '']) => ({
    algorithm: 'bcrypt',
    cost: Number(cost),
    salt: fromBcryptBase64(salt),
    tag: fromBcryptBase64(tag),
  }),
}

/** PHC and passlib: `$scrypt$ln=,r=,p=$salt$hash`. */
const scryptPhc: Format = {
  shape: /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]*)\$([A-Za-z0-9+/]+)$/,
  read: ([ln, r, p, salt = '', tag = '']) =>
    scryptOf({ n: 2 ** Number(ln), r, p }, fromBase64(salt), fromBase64(tag)),
}

/** Better Auth: `salt:key` in hex, where the salt is used as the text that it is. */
const betterAuth: Format = {
  shape: /^([0-9a-f]{32}):([0-9a-f]{128})$/,
  read: ([salt = '', tag = '']) => ({
    ...{ algorithm: 'scrypt', n: 16_384, r: 16, p: 1, form: 'NFKC' },
    salt: Buffer.from(salt),
    tag: Buffer.from(tag, 'hex'),
  }),
}

/** Werkzeug: `scrypt:N:r:p$salt$hex`, where the salt is text. */
const scryptWerkzeug: Format = {
  shape: /^scrypt:(\d{1,8}):(\d{1,3}):(\d{1,3})\$([A-Za-z0-9]{1,128})\$((?:[0-9a-f]{2})+)$/,
  read: ([n, r, p, salt = '', tag = '']) =>
    scryptOf({ n, r, p }, Buffer.from(salt), Buffer.from(tag, 'hex')),
}

/** Django: `scrypt$N$salt$r$p$base64`. */
const scryptDjango: Format = {
  shape: /^scrypt\$(\d{1,8})\$([A-Za-z0-9]{1,128})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9+/]+={0,2})$/,
  read: ([n, salt = '', r, p, tag = '']) =>
    scryptOf({ n, r, p }, Buffer.from(salt), fromBase64(tag)),
}

/** passlib: `$pbkdf2-sha256$rounds$salt$hash`, with a dot for the plus of base64. */
const pbkdf2Passlib: Format = {
  shape: /^\$pbkdf2(?:-(sha256|sha512))?\$(\d{1,9})\$([A-Za-z0-9./]*)\$([A-Za-z0-9./]+)$/,
  read: ([digest = 'sha1', iterations, salt = '', tag = '']) =>
    pbkdf2Of(
      { digest, iterations },
      fromBase64(salt.replaceAll('.', '+')),
      fromBase64(tag.replaceAll('.', '+')),
    ),
}

/** Django: `pbkdf2_sha256$iterations$salt$base64`. */
const pbkdf2Django: Format = {
  shape: /^pbkdf2_(sha1|sha256|sha512)\$(\d{1,9})\$([^$\s]{1,128})\$([A-Za-z0-9+/]+={0,2})$/,
  read: ([digest = '', iterations, salt = '', tag = '']) =>
    pbkdf2Of({ digest, iterations }, Buffer.from(salt), fromBase64(tag)),
}

/** Werkzeug: `pbkdf2:sha256:iterations$salt$hex`. */
const pbkdf2Werkzeug: Format = {
  shape: /^pbkdf2:(sha1|sha256|sha512):(\d{1,9})\$([A-Za-z0-9]{1,128})\$((?:[0-9a-f]{2})+)$/,
  read: ([digest = '', iterations, salt = '', tag = '']) =>
    pbkdf2Of({ digest, iterations }, Buffer.from(salt), Buffer.from(tag, 'hex')),
}

/** ASP.NET Core Identity, version 3: base64 of 1, function, iterations, salt length, salt, key. */
const aspNet: Format = {
  shape: /^(AQAAAA[A-Za-z0-9+/]{20,480}={0,2})$/,
  read: ([text = '']) => {
    const bytes = fromBase64(text)
    if (!bytes || bytes.byteLength < 13) return undefined
    const digest = (['sha1', 'sha256', 'sha512'] as const)[bytes.readUInt32BE(1)]
    const saltEnd = 13 + bytes.readUInt32BE(9)
    if (digest === undefined || saltEnd > bytes.byteLength) return undefined
    const iterations = String(bytes.readUInt32BE(5))
    return pbkdf2Of({ digest, iterations }, bytes.subarray(13, saltEnd), bytes.subarray(saltEnd))
  },
}

/** PHC, with the `argon2` that Django puts before it. Without a version it is the one before 1.3. */
const argon2: Format = {
  shape:
    /^(?:argon2)?\$argon2(i|d|id)(?:\$v=(16|19))?\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/,
  read: ([variant, version = '16', memory, passes, lanes, salt = '', tag = '']) => {
    const bytes = bounded(fromBase64(salt), fromBase64(tag))
    if (!bytes || bytes.salt.byteLength < 8) return undefined
    return {
      algorithm: 'argon2',
      variant: variant as Argon2Variant,
      version: version === '19' ? 0x13 : 0x10,
      memoryKiB: Number(memory),
      passes: Number(passes),
      parallelism: Number(lanes),
      ...bytes,
    }
  },
}

const formats: readonly Format[] = [
  ...[bcrypt, scryptPhc, betterAuth, scryptWerkzeug, scryptDjango],
  ...[pbkdf2Passlib, pbkdf2Django, pbkdf2Werkzeug, aspNet, argon2],
]

/**
 * Reads a password hash of bcrypt, scrypt, PBKDF2 or argon2 in the spelling of PHC, passlib, Django,
 * Werkzeug, ASP.NET Core Identity or Better Auth. Undefined for everything else. What it costs is not
 * judged here: see `isPayableForeign`. Linear in its input.
 */
export function parseForeignHash(text: string): ForeignHash | undefined {
  if (text.length > longestHash) return undefined
  for (const { shape, read } of formats) {
    const match = shape.exec(text)
    if (match) return read(match.slice(1))
  }
  return undefined
}

interface ScryptCost {
  readonly n: string | number | undefined
  readonly r: string | undefined
  readonly p: string | undefined
}

function scryptOf(
  { n, r, p }: ScryptCost,
  salt: Buffer | undefined,
  tag: Buffer | undefined,
): ForeignHash | undefined {
  const bytes = bounded(salt, tag)
  if (!bytes) return undefined
  const cost = { n: Number(n), r: Number(r), p: Number(p) }
  return { algorithm: 'scrypt', form: 'as typed', ...cost, ...bytes }
}

function pbkdf2Of(
  { digest, iterations }: { readonly digest: string; readonly iterations: string | undefined },
  salt: Buffer | undefined,
  tag: Buffer | undefined,
): ForeignHash | undefined {
  const bytes = bounded(salt, tag)
  if (!bytes) return undefined
  const facts = { digest: digest as Pbkdf2Digest, iterations: Number(iterations) }
  return { algorithm: 'pbkdf2', ...facts, ...bytes }
}

/** A short tag would be met by chance, a long one costs more than it says. */
function bounded(salt: Buffer | undefined, tag: Buffer | undefined) {
  if (!salt || !tag || salt.byteLength > mostSaltBytes) return undefined
  if (tag.byteLength < leastTagBytes || tag.byteLength > mostTagBytes) return undefined
  return { salt, tag }
}

/** Canonical base64, with or without its padding. */
function fromBase64(text: string): Buffer | undefined {
  const bare = text.replace(/={1,2}$/, '')
  const bytes = Buffer.from(bare, 'base64')
  return bytes.toString('base64').replace(/={1,2}$/, '') === bare ? bytes : undefined
}

const base64Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const bcryptAlphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** bcrypt's own base64. Some programs leave rubbish in the unused bits at its end, which hold nothing. */
export function fromBcryptBase64(text: string): Buffer {
  const usual = text.replace(/./g, (one) => base64Alphabet.charAt(bcryptAlphabet.indexOf(one)))
  return Buffer.from(usual, 'base64')
}
