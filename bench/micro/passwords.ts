import { createHash, randomBytes } from 'node:crypto'
import type { Loop, Loops } from './main.ts'

/** The look-up alone, both judges in this thread, and the policy as it is used, in its own thread. */
export const loops: Loops = {
  'sha256, no more': () => measured(async () => hashOnly),
  filter: () => measured(filter),
  'zxcvbn and filter': () => measured(judge),
  'policy, in its thread': () => measured(policy),
}

type Check = (password: string) => unknown

interface Opened {
  readonly check: Check
  readonly close?: () => Promise<void>
  /** Whether the answer is that the password may be used. */
  readonly accepts: (answer: unknown) => boolean
}

const strong = Array.from({ length: 1_000 }, () => randomBytes(15).toString('base64url'))
const common = ['passwordstandard', 'wolfgang.ludewig', 'sachintendulkar', '1234567890123456789']
const hashOnly: Opened = {
  check: (password) => createHash('sha256').update(password).digest(),
  accepts: (answer) => Buffer.isBuffer(answer),
}

/** What has no door of its own in the package. */
function inner<T>(path: string): Promise<T> {
  return import(new URL(`passwords/${path}.js`, import.meta.resolve('holdfast')).href)
}

async function filter(): Promise<Opened> {
  const { readCommonPasswords } = await inner<{
    readCommonPasswords(): { has(password: string): boolean }
  }>('common-passwords')
  const known = readCommonPasswords()
  return { check: (password) => known.has(password), accepts: (answer) => answer === false }
}

async function judge(): Promise<Opened> {
  const { createJudge } = await inner<{
    createJudge(): (password: string, words: readonly string[]) => unknown
  }>('strength')
  const judges = createJudge()
  return {
    check: (password) => judges(password, []),
    accepts: (answer) => !(answer as { isCommon: boolean }).isCommon,
  }
}

interface Policy {
  check(password: string, words: readonly string[]): Promise<unknown>
  close(): Promise<void>
}

async function policy(): Promise<Opened> {
  const { PasswordPolicy } = await inner<{ PasswordPolicy: new (options: unknown) => Policy }>(
    'policy',
  )
  const clock = { now: Date.now, monotonic: () => performance.now(), after: later }
  const bounds = { minLength: 15, maxLength: 256, minScore: 3 }
  const ours = new PasswordPolicy({ ...bounds, clock, logger: console })
  return {
    check: (password) => ours.check(password, []),
    close: () => ours.close(),
    accepts: (answer) => (answer as { ok: boolean }).ok,
  }
}

function later(ms: number, task: () => void) {
  const handle = setTimeout(task, ms).unref()
  return { cancel: () => clearTimeout(handle) }
}

/** Opens a kind, noting what it takes until the first answer, in time and in memory. */
async function measured(open: () => Promise<Opened>): Promise<Loop> {
  const before = resident()
  const from = performance.now()
  const { accepts, check, close } = await open()
  await check(strong[0] ?? '')
  const readyMs = performance.now() - from
  const mb = (resident() - before) / 2 ** 20
  const accepted = await count(strong.slice(0, 100), async (one) => accepts(await check(one)))
  const refused = await count(common, async (one) => !accepts(await check(one)))
  let at = 0
  return {
    run() {
      at = at + 1 === strong.length ? 0 : at + 1
      return check(strong[at] ?? '')
    },
    extra: async () => ({ readyMs, mb }),
    decisions: () => (check === hashOnly.check ? {} : { common: { allowed: accepted, refused } }),
    ...(close ? { close } : {}),
  }
}

function resident(): number {
  globalThis.gc?.()
  return process.memoryUsage().rss
}

async function count(
  passwords: readonly string[],
  holds: (password: string) => Promise<boolean>,
): Promise<number> {
  let held = 0
  for (const password of passwords) held += Number(await holds(password))
  return held
}
