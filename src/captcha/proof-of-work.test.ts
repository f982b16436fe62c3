import { randomBytes } from 'node:crypto'
import { createChallenge, solveChallenge, verifySolution } from 'altcha-lib/v1'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemRandom } from '../ports/index.ts'
import {
  greatestNumber,
  newProofOfWork,
  type ProofOfWork,
  verifyProofOfWork,
} from './proof-of-work.ts'

/** Text, because altcha-lib takes its key as text. */
const secret = 'a key of the captcha for these tests alone'
const key = Buffer.from(secret)
const work = 400
const now = 4_000_000_000_000
const expiresAt = now + 300_000

const make = (end = expiresAt) =>
  newProofOfWork({ key, random: systemRandom, work, expiresAt: end })
const pack = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
const judge = (text: string, at = now) => verifyProofOfWork(text, { key, now: at })

async function solve(puzzle: ProofOfWork) {
  const { algorithm, challenge, maxnumber, salt, signature } = puzzle
  const found = await solveChallenge(challenge, salt, algorithm, maxnumber).promise
  return { algorithm, challenge, number: found?.number ?? -1, salt, signature, took: found?.took }
}

describe('the format is that of ALTCHA', () => {
  it('its library solves our challenge, and both of us accept the solution', async () => {
    const solution = pack(await solve(make()))
    expect(judge(solution)).toMatchObject({ solved: true, expiresAt })
    expect(await verifySolution(solution, secret)).toBe(true)
  })

  it('we accept the solution of a challenge that its library made', async () => {
    const expires = new Date(expiresAt)
    const puzzle = await createChallenge({ hmacKey: secret, maxnumber: work, expires })
    const { challenge } = puzzle
    const solution = pack(await solve(puzzle as ProofOfWork))
    expect(judge(solution)).toEqual({ solved: true, challenge, expiresAt })
  })

  it('a challenge that altcha-lib 2.8.0 made is solved by the number that it was made of', () => {
    const puzzle = {
      algorithm: 'SHA-256',
      challenge: 'c3eeb6da7e3afec6c6094236336d3595b724a47f23251abc38953894b68fe46e',
      salt: '00112233445566778899aabb?expires=4000000300&',
      signature: 'bd12465a6d9d88041a67377961baa2bee4c3f75b0f78a39827e6dfa814a4a078',
    }
    expect(judge(pack({ ...puzzle, number: 123 }))).toMatchObject({ solved: true, expiresAt })
    expect(judge(pack({ ...puzzle, number: 124 }))).toMatchObject({ reason: 'wrong' })
  })
})

describe('a challenge', () => {
  it('is made of what its schema names, and is another each time', () => {
    const [one, other] = [make(), make()]
    expect(one).toMatchObject({ algorithm: 'SHA-256', maxnumber: work })
    expect(one.salt).toMatch(/^[0-9a-f]{24}\?expires=4000000300&$/)
    expect(other.salt).not.toBe(one.salt)
    expect(other.challenge).not.toBe(one.challenge)
  })

  it('hides every number from 0 to the greatest', async () => {
    const numbers = new Set<number>()
    for (let turn = 0; turn < 200; turn++) {
      const puzzle = newProofOfWork({ key, random: systemRandom, work: 3, expiresAt })
      numbers.add((await solve(puzzle)).number)
    }
    expect([...numbers].sort()).toEqual([0, 1, 2, 3])
  })
})

describe('a solution is refused', () => {
  const other = Buffer.from('another key of the same length, more or less')

  it('from the end of its challenge on', async () => {
    const solution = pack(await solve(make()))
    expect(judge(solution, expiresAt - 1)).toMatchObject({ solved: true })
    expect(judge(solution, expiresAt)).toEqual({ solved: false, reason: 'expired' })
  })

  it('when another key signed its challenge', async () => {
    const foreign = newProofOfWork({ key: other, random: systemRandom, work, expiresAt })
    expect(judge(pack(await solve(foreign)))).toEqual({ solved: false, reason: 'forged' })
  })

  it('when its number is another', async () => {
    const solution = await solve(make())
    const wrong = pack({ ...solution, number: solution.number + 1 })
    expect(judge(wrong)).toEqual({ solved: false, reason: 'wrong' })
  })

  it('when the end was moved, also into the digits of the number', async () => {
    const solution = await solve(make())
    const later = solution.salt.replace('4000000300', '4000009999')
    expect(judge(pack({ ...solution, salt: later }))).toEqual({ solved: false, reason: 'wrong' })
    const spliced = solution.salt.replace('&', '')
    expect(judge(pack({ ...solution, salt: spliced }))).toMatchObject({ reason: 'malformed' })
    const doubled = `${solution.salt}expires=4000009999&`
    expect(judge(pack({ ...solution, salt: doubled }))).toMatchObject({ reason: 'malformed' })
  })

  it.each([
    ['algorithm', 'SHA-512'],
    ['algorithm', undefined],
    ['challenge', ['a']],
    ['challenge', 'AB'.repeat(32)],
    ['signature', null],
    ['signature', ''],
    ['salt', 7],
    ['salt', ''],
    ['number', '1'],
    ['number', 1.5],
    ['number', -1],
    ['number', greatestNumber + 1],
    ['number', null],
  ])('when its %s is %j', async (name, value) => {
    const solution = { ...(await solve(make())), [name]: value }
    expect(judge(pack(solution))).toEqual({ solved: false, reason: 'malformed' })
  })

  it('when it is longer than any solution, not base64, not JSON or not an object', async () => {
    const solution = { ...(await solve(make())), more: 'x'.repeat(1_024) }
    const texts = ['', ' ', '{}', pack(solution), 'bm90IGpzb24=', pack(null), pack([]), pack(1)]
    for (const text of texts) {
      expect(judge(text), text).toEqual({ solved: false, reason: 'malformed' })
    }
  })
})

describe('whatever is sent', () => {
  const hex = fc.stringMatching(/^[0-9a-f]{64}$/)
  const near = fc.record(
    {
      algorithm: fc.oneof(fc.constant('SHA-256'), fc.jsonValue()),
      challenge: fc.oneof(hex, fc.jsonValue()),
      number: fc.oneof(fc.nat(), fc.jsonValue()),
      salt: fc.oneof(fc.stringMatching(/^[0-9a-f]{24}\?expires=[1-9]\d{9}&$/), fc.jsonValue()),
      signature: fc.oneof(hex, fc.jsonValue()),
    },
    { requiredKeys: [] },
  )
  const texts = fc.oneof(
    near.map(pack),
    fc.jsonValue().map(pack),
    fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes).toString('base64')),
    fc.string({ unit: 'binary', maxLength: 2_000 }),
  )

  it('nothing throws and nothing is accepted that was not solved', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(verifyProofOfWork(text, { key: randomBytes(32), now }).solved).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })

  it('no other spelling of one solution counts as another challenge', async () => {
    const solution = await solve(make())
    const { challenge } = solution
    const spellings = [solution, { ...solution, took: 9 }, { extra: 1, ...solution }].map(pack)
    spellings.push(Buffer.from(JSON.stringify(solution, null, 2)).toString('base64'))
    const accepted = spellings.map((text) => judge(text))
    expect(new Set(accepted.map((verdict) => verdict.solved && verdict.challenge))).toEqual(
      new Set([challenge]),
    )
  })
})
