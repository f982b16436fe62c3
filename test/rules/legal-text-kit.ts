import naughty from '../vectors/naughty-strings/blns.json' with { type: 'json' }

/** What people are called and write, and what careless filters take for an attack. */
const everyday = [
  ...["O'Brien", '1 < 2', '--', 'executive', 'a && b || c', 'select * from users', 'drop-shipping'],
  ...['Müller & Söhne GmbH', '<b>bold</b>', '"quoted"', 'back\\slash', '100 %', '{{x}}', '../..'],
  ...[
    ' leading',
    'trailing ',
    'two\nlines',
    'a\ttab',
    '#hash',
    '/* x */',
    '東京',
    '\u{1f600}',
    ' ',
  ],
  ...['union', 'script', 'null', 'undefined', '=1+1', 'e\u0301', '\u00e9', '\u202etxt', '\ufeffx'],
]

export const naughtyTexts: readonly string[] = naughty

/** Texts that some database or JSON reader cannot keep: NUL and half a surrogate pair. */
export const unstorable = ['\0', 'a\0b', '\ud800', 'x\udc00', '\udc00\ud800'] as const

/** Every legal text: all others. */
export const legalTexts = [...everyday, ...naughty].filter(
  (text) => text.isWellFormed() && !text.includes('\0'),
)

/** The text where it fits, as columns and fields are bounded. */
export function fitting(text: string, length: number): string | undefined {
  return text.length <= length && text !== '' ? text : undefined
}
