import { describe, expect, it } from 'vitest'
import { strictRules } from '../../test/passkeys/bench.ts'
import { isAcceptable, isAcceptableModel } from './attestation.ts'
import { siteAt } from './site.ts'

const models = ['ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4']
const bytes = Buffer.from('a certificate')
const naming = Buffer.concat([bytes, Buffer.from('0603551d1f', 'hex'), bytes])
const site = (rules: Partial<typeof strictRules>) =>
  siteAt('https://shop.example.com', 'Shop', { ...strictRules, ...rules })
const direct = site({ attestation: 'direct' })
const limited = site({ attestation: 'direct', models })
const formats = ['none', 'packed', 'tpm', 'apple', 'android-key', 'fido-u2f', 'android-safetynet']

describe('an attestation', () => {
  it('that nobody asked for is none, or by the new key alone', () => {
    for (const format of [...formats, 'compound', '', 7, undefined]) {
      const asked = { format, bytes }
      expect(isAcceptable(site({}), { ...asked, certified: true })).toBe(format === 'none')
      const plain = format === 'none' || format === 'packed'
      expect(isAcceptable(site({}), { ...asked, certified: false })).toBe(plain)
    }
  })

  it('that was asked for is of a kind that can be verified', () => {
    const taken = [...formats, 'compound', 7].filter((format) =>
      isAcceptable(direct, { format, bytes, certified: true }),
    )
    expect(taken).toEqual(formats.slice(0, 6))
  })

  it('has a certificate where models are named', () => {
    for (const format of ['none', 'packed']) {
      expect(isAcceptable(limited, { format, bytes, certified: false })).toBe(false)
    }
    expect(isAcceptable(limited, { format: 'packed', bytes, certified: true })).toBe(true)
    expect(isAcceptableModel(limited, models[0] ?? '')).toBe(true)
    expect(isAcceptableModel(limited, '00000000-0000-0000-0000-000000000000')).toBe(false)
    expect(isAcceptableModel(direct, '00000000-0000-0000-0000-000000000000')).toBe(true)
  })

  it('never makes the server fetch what a certificate names', () => {
    const refused = formats.filter(
      (format) => !isAcceptable(direct, { format, bytes: naming, certified: true }),
    )
    expect(refused).toEqual(['apple', 'android-key', 'android-safetynet'])
  })
})
