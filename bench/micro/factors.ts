import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { generateSync, verifySync } from 'otplib'
import type { Loop, Loops } from './main.ts'

/**
 * One HMAC with a key that is wrapped already, which is the least that any code costs; all that one costs
 * us beside the database, among it the HMAC of a second step; and a library that does less.
 */
export const loops: Loops = {
  'one HMAC': () => counted(async () => hmac()),
  'unseal, read, compare': () => counted(ours),
  otplib: () => counted(async () => otplib()),
}

/** Whether a code is taken. */
type Check = (code: string) => boolean

const secret = randomBytes(20)
const userId = '019b0000-0000-7000-8000-000000000001'
const now = 1_790_000_000_000
const wrong = '000000'

function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const letters = bits.match(/.{5}/g) ?? []
  return letters
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)])
    .join('')
}

const shown = { secret: base32(secret), epoch: now / 1_000 }
const right = generateSync(shown)

/** What has no door of its own in the package. */
function inner<T>(path: string): Promise<T> {
  return import(new URL(`${path}.js`, import.meta.resolve('holdfast')).href)
}

/** It decides nothing, and so has nothing to count. A key of bare bytes would make it several times as dear. */
function hmac(): Check {
  const key = createSecretKey(secret)
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)))
  return (code) => {
    const mac = createHmac('sha1', key).update(counter).digest()
    return mac.length === 20 && code === right
  }
}

interface Totp {
  readCode(text: string): string | undefined
  findStep(secret: Uint8Array, code: string, window: object): number | undefined
}

interface Crypto {
  createKeyring(key: string): object
  seal(keyring: object, random: object, text: Uint8Array, binding: object): string
  open(keyring: object, sealed: string, binding: object): Uint8Array
}

async function ours(): Promise<Check> {
  const { findStep, readCode } = await inner<Totp>('factors/totp')
  const { createKeyring, open, seal } = await inner<Crypto>('crypto/index')
  const keyring = createKeyring(randomBytes(32).toString('base64url'))
  const binding = { purpose: 'totp-secret', context: ['hf_totp', userId] }
  const sealed = seal(keyring, { bytes: randomBytes }, secret, binding)
  return (typed) => {
    const code = readCode(typed)
    if (code === undefined) return false
    const opened = open(keyring, sealed, binding)
    return findStep(opened, code, { now, lastStep: -1, future: 0 }) !== undefined
  }
}

function otplib(): Check {
  return (token) => verifySync({ ...shown, token, epochTolerance: 30 }).valid
}

async function counted(open: () => Promise<Check>): Promise<Loop> {
  const check = await open()
  const codes = [right, wrong]
  let at = 0
  return {
    run() {
      at = 1 - at
      return check(codes[at] ?? '')
    },
    decisions: () => ({
      code: { allowed: Number(check(right)), refused: Number(!check(wrong)) },
    }),
  }
}
