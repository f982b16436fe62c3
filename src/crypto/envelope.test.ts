import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SecurityError } from '../errors/index.ts'
import { systemRandom } from '../ports/index.ts'
import { open, openText, type SealBinding, seal, sealedKeyId } from './envelope.ts'
import { createKeyring } from './keyring.ts'

const keyring = createKeyring('5c'.repeat(32))
const other = createKeyring('5d'.repeat(32))
const binding: SealBinding = { purpose: 'totp-secret', context: ['hf_totp', 'u1', 'secret'] }
const sealText = (text: string) => seal(keyring, systemRandom, text, binding)

function codeOf(action: () => unknown): string {
  try {
    action()
    return 'opened'
  } catch (error) {
    return error instanceof SecurityError ? error.code : `unexpected ${String(error)}`
  }
}

describe('a sealed value', () => {
  it('opens to the same bytes with the same binding', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 500 }),
        fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }),
        (bytes, context) => {
          const bound = { purpose: 'p', context }
          const sealed = seal(keyring, systemRandom, bytes, bound)
          expect(Buffer.from(open(keyring, sealed, bound)).equals(bytes)).toBe(true)
        },
      ),
    )
  })

  it('opens to the same text', () => {
    const text = 'O’Brien \u0000 \u{1f512} \ufeff'
    expect(openText(keyring, sealText(text), binding)).toBe(text)
    expect(openText(keyring, sealText(''), binding)).toBe('')
  })

  it('is compact text that names its key and shows nothing else', () => {
    const sealed = sealText('a'.repeat(300))
    expect(sealed).toMatch(/^hf1\.[\w-]{12}\.[\w-]+$/)
    expect(sealedKeyId(sealed)).toBe(keyring.keyId)
    expect(sealed.length).toBe(17 + Math.ceil(((300 + 28) * 4) / 3))
  })

  it('is never the same twice', () => {
    const all = Array.from({ length: 500 }, () => sealText('same'))
    expect(new Set(all).size).toBe(500)
  })

  it('written by the first release still opens', () => {
    const stored = 'hf1.Key19JEuyIIh.BwcHBwcHBwcHBwcHZf9GbVG_y2Fi_K1_k0wpn1M2H--sDQ'
    expect(openText(keyring, stored, binding)).toBe('golden')
    const fixed = { bytes: (length: number) => new Uint8Array(length).fill(7) }
    expect(seal(keyring, fixed, 'golden', binding)).toBe(stored)
  })

  it.each<[string, SealBinding]>([
    ['purpose', { ...binding, purpose: 'totp-secre' }],
    ['table', { ...binding, context: ['hf_users', 'u1', 'secret'] }],
    ['row', { ...binding, context: ['hf_totp', 'u2', 'secret'] }],
    ['column', { ...binding, context: ['hf_totp', 'u1', 'pending'] }],
    ['shorter context', { ...binding, context: ['hf_totp', 'u1'] }],
    ['longer context', { ...binding, context: [...binding.context, ''] }],
    ['context cut elsewhere', { ...binding, context: ['hf_totpu', '1', 'secret'] }],
    ['joined context', { ...binding, context: ['hf_totpu1secret'] }],
    ['no context', { ...binding, context: [] }],
  ])('moved to another place (%s) does not open', (_, elsewhere) => {
    expect(codeOf(() => open(keyring, sealText('x'), elsewhere))).toBe('sealed_unreadable')
  })

  it('of another master key does not open, even relabelled', () => {
    const foreign = seal(other, systemRandom, 'x', binding)
    const relabelled = foreign.replace(other.keyId, keyring.keyId)
    expect(codeOf(() => open(keyring, foreign, binding))).toBe('sealed_unreadable')
    expect(codeOf(() => open(keyring, relabelled, binding))).toBe('sealed_unreadable')
  })

  it('tells the log, and nobody else, why it does not open', () => {
    const foreign = seal(other, systemRandom, 'x', binding)
    const reasonOf = (sealed: string) => {
      try {
        return String(open(keyring, sealed, binding))
      } catch (error) {
        expect((error as SecurityError).message).not.toMatch(/key|base64|altered/)
        return String((error as SecurityError).cause)
      }
    }
    expect(reasonOf(foreign)).toMatch(/another master key/)
    expect(reasonOf(`hf1.${keyring.keyId}.AAAA`)).toMatch(/too short/)
    expect(reasonOf(`hf1.${keyring.keyId}.${'A'.repeat(32)}`)).toMatch(/too short/)
    expect(reasonOf(`hf1.${keyring.keyId}.AAAAA`)).toMatch(/base64url/)
    expect(reasonOf('hf2.x')).toMatch(/version/)
  })

  it('with one bit flipped anywhere does not open', () => {
    const sealed = sealText('twelve bytes')
    const [version, keyId, body = ''] = sealed.split('.')
    const bytes = Buffer.from(body, 'base64url')
    for (let bit = 0; bit < bytes.byteLength * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      const text = `${version}.${keyId}.${flipped.toString('base64url')}`
      expect(codeOf(() => open(keyring, text, binding))).toBe('sealed_unreadable')
    }
  })

  it('cut or extended anywhere does not open', () => {
    const sealed = sealText('twelve bytes')
    for (let length = 0; length < sealed.length; length++) {
      expect(codeOf(() => open(keyring, sealed.slice(0, length), binding))).toBe(
        'sealed_unreadable',
      )
    }
    for (const tail of ['=', ' ', '\n', 'A', '.', '.A', '\u0000']) {
      expect(codeOf(() => open(keyring, sealed + tail, binding))).toBe('sealed_unreadable')
    }
  })

  it('has one spelling', () => {
    const sealed = sealText('ab')
    const last = sealed.at(-1) ?? ''
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const twins = [...alphabet]
      .filter((letter) => letter !== last)
      .map((l) => sealed.slice(0, -1) + l)
    for (const twin of [...twins, sealed.replace('hf1', 'HF1'), sealed.replace('hf1', 'hf2')]) {
      expect(codeOf(() => open(keyring, twin, binding))).toBe('sealed_unreadable')
    }
  })

  it('gives nothing but sealed_unreadable for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
        expect(codeOf(() => open(keyring, text, binding))).toBe('sealed_unreadable')
        const labelled = `hf1.${keyring.keyId}.${text}`
        expect(codeOf(() => open(keyring, labelled, binding))).toBe('sealed_unreadable')
      }),
    )
  })

  it('refuses text that UTF-8 cannot hold, in the value and in the binding', () => {
    expect(() => sealText('\ud800')).toThrow(TypeError)
    const bound = { purpose: 'p', context: ['\udfff'] }
    expect(() => seal(keyring, systemRandom, 'x', bound)).toThrow(TypeError)
  })

  it('asks the random port for a whole nonce', () => {
    const short = { bytes: () => new Uint8Array(8) }
    expect(() => seal(keyring, short, 'x', binding)).toThrow(TypeError)
  })
})
