import { describe, expect, it } from 'vitest'
import type { ControlMark } from '../src/adapters/express/index.ts'
import { diffRoutes } from './route-diff.ts'
import type { ListedRoute } from './route-list.ts'

const signed = (by: string | readonly string[], more: object = {}): ControlMark => ({
  ...{ kind: 'signed', by },
  ...more,
})
const allow = (...ranges: string[]): ControlMark => ({ kind: 'ipRules', allow: ranges })
const deny = (...ranges: string[]): ControlMark => ({ kind: 'ipRules', deny: ranges })
const scope = (name: string): ControlMark => ({ kind: 'ipRules', scope: name })
const limit = (points: number, windowMs: number, key = 'account'): ControlMark => ({
  ...{ kind: 'rateLimit', policy: 'x', points, windowMs, key },
})
const upload = (change: object = {}): ControlMark => ({
  ...{ kind: 'upload', field: 'f', types: ['image/png'], maxBytes: 10, maxFiles: 1 },
  ...{ required: true, textFields: [] },
  ...change,
})
const sealed = (...names: string[]): ControlMark => ({
  kind: 'encryptedFields',
  context: 'x',
  names,
})
const validate = (unknown: string, ...parts: string[]): ControlMark => ({
  ...{ kind: 'validate', parts, unknown },
})
const inspect: ControlMark = { kind: 'inspect' }

function reasons(before: readonly ControlMark[], after: readonly ControlMark[]) {
  const route = (controls: readonly ControlMark[]): ListedRoute => ({
    ...{ method: 'POST', path: '/x', policy: { kind: 'open' }, controls },
  })
  return diffRoutes([route(before)], [route(after)]).opened.flatMap((one) => one.reasons)
}

describe('the controls of a route', () => {
  it.each([signed('program'), scope('admin'), limit(1, 1), inspect, upload(), sealed('a')])(
    'make it more open when one is gone: %j',
    (control) => {
      expect(reasons([inspect, control], [])).toContainEqual(
        expect.stringMatching(/^has lost a control: /),
      )
      expect(reasons([], [control])).toEqual([])
      expect(reasons([control], [control])).toEqual([])
    },
  )

  it.each<[string, ControlMark, ControlMark]>([
    ['fewer keys sign', signed('program'), signed(['a'])],
    ['one of several keys signs', signed(['a', 'b']), signed(['b'])],
    ['more is covered', signed('session'), signed('session', { components: ['date'], tag: 't' })],
    ['fewer addresses are let in', allow('10.0.0.0/8', '192.0.2.1'), allow('192.0.2.1')],
    ['more addresses are refused', deny('10.0.0.1'), deny('10.0.0.1', '10.0.0.2')],
    ['fewer requests are let in', limit(10, 60), limit(5, 120)],
    ['an upload is smaller', upload(), upload({ maxBytes: 5 })],
    ['more fields are sealed', sealed('a'), sealed('a', 'b')],
    ['more is checked', validate('strip', 'body'), validate('refuse', 'body', 'query')],
  ])('stay as strict where %s, and became weaker the other way round', (_, one, other) => {
    expect(reasons([one], [other])).toEqual([])
    expect(reasons([other], [one])).toEqual([expect.stringMatching(/^has a weaker control: /)])
  })

  it.each<[string, ControlMark, ControlMark]>([
    ['other keys', signed('session'), signed('program')],
    ['another tag', signed('program', { tag: 'a' }), signed('program', { tag: 'b' })],
    ['another scope', scope('admin'), scope('auth')],
    ['a list for a scope', scope('admin'), allow('10.0.0.1')],
    ['no list of who is let in', allow('10.0.0.1'), deny('10.0.0.2')],
    ['another key of a limit', limit(1, 1), limit(1, 1, 'client')],
    ['another type of file', upload(), upload({ types: ['application/pdf'] })],
    ['more files', upload(), upload({ maxFiles: 2 })],
    ['a form without a file', upload(), upload({ required: false })],
    ['further texts', upload(), upload({ textFields: ['note'] })],
  ])('count as weaker where they cannot be compared: %s', (_, one, other) => {
    expect(reasons([one], [other])).toHaveLength(1)
  })
})
