import { describe, expect, it } from 'vitest'
import { createJudge } from './strength.ts'
import { passwordWords } from './words.ts'

const judge = createJudge()
const words = passwordWords(['alice.smith@example.com', 'Warehouse'])

describe('the strength of a password', () => {
  it.each(['correct horse battery staple', 'xK9$mQ2!vL7#nR4&', 'wir fahren am Dienstag nach Ulm'])(
    'is enough for %j',
    (password) => {
      expect(judge(password, words).score).toBeGreaterThanOrEqual(3)
      expect(judge(password, words).isCommon).toBe(false)
    },
  )

  it.each([
    'aaaaaaaaaaaaaaaa',
    'abcdefghijklmnop',
    '1234567890123456',
    'qwertyuiopasdfgh',
    'passwordpassword',
    'P@$$w0rdP@$$w0rd',
    '01.02.1998',
    '1q2w3e4r5t6y7u8i9o0p',
    '1Q2W3E4R5T6Y7U8I9O0P',
    'abcabcabcabcabcabcabc',
  ])('is too little for %j', (password) => {
    expect(judge(password, words).score).toBeLessThan(3)
  })

  it.each([
    'alice.smith@example.com',
    'ALICEsmithEXAMPLE',
    'alicesmithwarehouse2024',
    'warehouse1warehouse2warehouse3',
    'aliceexample2024aliceexample',
  ])('does not come from the account\u2019s own words, as in %j', (password) => {
    expect(judge(password, words)).toMatchObject({ isCommon: false })
    expect(judge(password, words).score).toBeLessThan(3)
    expect(judge(`${password} kettle ribbon ostrich`, words).score).toBeGreaterThanOrEqual(3)
  })

  it('knows common passwords in any case, by exact match alone', () => {
    for (const password of ['passwordstandard', 'Trustno1', 'PASSWORD', '12345678']) {
      expect(judge(password, []).isCommon).toBe(true)
    }
    for (const password of ['password ', 'correct horse battery staple', '']) {
      expect(judge(password, []).isCommon).toBe(false)
    }
  })

  it('scores the first 64 code points, so length cannot stall it', () => {
    const head = '\u{1f511}a1'.repeat(21).concat('z')
    expect([...head]).toHaveLength(64)
    const { score, warning } = judge(head, [])
    for (const tail of ['x', 'aB3$'.repeat(5_000)]) {
      expect(judge(head + tail, [])).toEqual({ score, warning, isCommon: false })
    }
  })
})
