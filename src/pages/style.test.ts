import { describe, expect, it } from 'vitest'
import { style } from './style.ts'

const [light = '', dark = ''] = String(style).split('@media (prefers-color-scheme: dark)')

function colourOf(scheme: string, name: string): string {
  const hex = new RegExp(`--${name}: #([0-9a-f]{6})`).exec(scheme)?.[1]
  if (hex === undefined) throw new Error(`there is no colour ${name}`)
  return hex
}

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

it('contrast is that of WCAG', () => {
  expect(contrast('000000', 'ffffff')).toBeCloseTo(21, 5)
  expect(contrast('777777', 'ffffff')).toBeCloseTo(4.48, 2)
})

describe.each([
  ['light', light],
  ['dark', dark],
])('in %s', (_, scheme) => {
  it.each([
    ['ink', 'card'],
    ['ink', 'page'],
    ['ink', 'bad-soft'],
    ['quiet', 'card'],
    ['accent', 'card'],
    ['accent-hover', 'card'],
    ['on-accent', 'accent'],
    ['on-accent', 'accent-hover'],
    ['bad', 'card'],
    ['bad', 'bad-soft'],
    ['good', 'good-soft'],
    ['on-bad', 'bad-strong'],
    ['on-bad', 'bad-hover'],
  ])('%s can be read on %s (4.5 to 1)', (text, ground) => {
    expect(contrast(colourOf(scheme, text), colourOf(scheme, ground))).toBeGreaterThanOrEqual(4.5)
  })

  it.each(['edge', 'bad', 'accent'])('%s shows where a field is (3 to 1)', (edge) => {
    expect(contrast(colourOf(scheme, edge), colourOf(scheme, 'card'))).toBeGreaterThanOrEqual(3)
  })
})

it('no style asks anybody for anything', () => {
  expect(String(style)).not.toMatch(/url\(|@import|@font-face|&|</)
})
