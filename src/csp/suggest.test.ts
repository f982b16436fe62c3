import { describe, expect, it } from 'vitest'
import { defaultDirectives } from '../shield/index.ts'
import type { Policy } from './directives.ts'
import type { SentFinding } from './store.ts'
import { type SuggestionBase, suggestPolicy } from './suggest.ts'

const at = Date.UTC(2026, 10, 22)
const standard = Object.fromEntries(
  Object.entries(defaultDirectives).flatMap(([name, list]) => (list ? [[name, list]] : [])),
) as Policy

const base: SuggestionBase = {
  ...{ policy: standard, changes: {}, secure: true, believesOne: true },
  ...{ disposition: 'enforce', option: 'directives' },
}

function finding(directive: string, blocked: string, more: Partial<SentFinding> = {}): SentFinding {
  return {
    ...{ directive, blocked, disposition: 'enforce', source: '', route: '/page' },
    ...{ reports: 1, clients: 1, days: 1, firstAt: at, lastAt: at, bySeveral: false, ...more },
  }
}

function suggest(findings: readonly SentFinding[], change: Partial<SuggestionBase> = {}) {
  return suggestPolicy(findings, { ...base, ...change })
}

describe('a suggestion', () => {
  it.each([
    ['img-src', 'https://cdn.example', 'img-src', ["'self'", 'data:', 'https://cdn.example']],
    ['img-src', 'blob:', 'img-src', ["'self'", 'data:', 'blob:']],
    ['font-src', 'data:', 'font-src', ["'self'", 'data:']],
    ['connect-src', 'wss://live.example', 'connect-src', ["'self'", 'wss://live.example']],
    [
      'style-src-elem',
      'https://css.example',
      'style-src',
      ["'self'", "'nonce'", 'https://css.example'],
    ],
    ['frame-src', 'https://pay.example', 'frame-src', ['https://pay.example']],
    ['form-action', 'https://pay.example', 'form-action', ["'self'", 'https://pay.example']],
    ['worker-src', 'self', 'worker-src', ["'self'"]],
  ])(
    '%s %s is added to its directive, and nothing else changes',
    (directive, blocked, to, list) => {
      const { advice, directives } = suggest([finding(directive, blocked)])
      expect(directives).toEqual({ [to]: list })
      expect(advice).toEqual([])
    },
  )

  it.each([
    ['script-src-elem', 'inline', 'inline_script'],
    ['script-src-attr', 'inline', 'inline_script'],
    ['script-src', 'eval', 'eval'],
    ['script-src', 'wasm-eval', 'wasm'],
    ['script-src-elem', 'data:', 'script_from_data'],
    ['script-src-elem', 'blob:', 'script_from_data'],
    ['script-src-elem', 'https://cdn.example', 'script_by_nonce'],
    ['script-src-elem', 'self', 'script_by_nonce'],
    ['worker-src', 'blob:', 'script_from_data'],
    ['style-src-elem', 'inline', 'inline_style'],
    ['style-src-attr', 'inline', 'style_attribute'],
    ['object-src', 'https://cdn.example', 'plugin'],
    ['base-uri', 'https://evil.example', 'base'],
    ['frame-ancestors', 'https://evil.example', 'framed'],
    ['require-trusted-types-for', 'trusted-types-sink', 'trusted_types'],
    ['img-src', 'http://cdn.example', 'insecure'],
    ['connect-src', 'ws://cdn.example', 'insecure'],
    ['connect-src', 'data:', 'data'],
    ['frame-src', 'data:', 'data'],
    ['img-src', 'filesystem:', 'data'],
    ['img-src', '(other)', 'unclear'],
  ])('%s %s is never allowed: the page is told to change', (directive, blocked, code) => {
    const { advice, directives, sources } = suggest([finding(directive, blocked)])
    expect(directives).toEqual({})
    expect(sources).toEqual([])
    expect(advice.map((one) => one.code)).toEqual([code])
    expect(advice[0]?.todo).toMatch(/\.$/)
  })

  it('names addresses of scripts where no nonce decides', () => {
    const changes = { 'script-src': ["'self'"] }
    const policy = { ...standard, ...changes }
    const found = [finding('script-src-elem', 'https://cdn.example')]
    expect(suggest(found, { policy, changes }).directives).toEqual({
      'script-src': ["'self'", 'https://cdn.example'],
    })
    const inline = [finding('script-src-elem', 'inline'), finding('script-src-elem', 'data:')]
    expect(suggest(inline, { policy, changes }).directives).toEqual(changes)
  })

  it('keeps what the options say already', () => {
    const changes = { 'media-src': false, 'img-src': ["'self'", 'https://a.example'] } as const
    const { 'media-src': _, ...rest } = standard
    const policy = { ...rest, 'img-src': changes['img-src'] }
    expect(
      suggest([finding('img-src', 'https://b.example')], { policy, changes }).directives,
    ).toEqual({
      'media-src': false,
      'img-src': ["'self'", 'https://a.example', 'https://b.example'],
    })
  })

  it("leaves out browser extensions, what is allowed by now, and the other policy's reports", () => {
    const { leftOut, reports, sources } = suggest([
      finding('img-src', 'https://a.example', { source: 'extension', reports: 5 }),
      finding('font-src', 'extension', { reports: 3 }),
      finding('img-src', 'data:', { reports: 2 }),
      finding('img-src', 'https://b.example', { disposition: 'report', reports: 100 }),
    ])
    expect({ leftOut, reports, sources }).toEqual({ leftOut: 10, reports: 0, sources: [] })
  })

  it('tells what one client alone reported, and changes nothing for it', () => {
    const found = [
      finding('img-src', 'https://evil.example', { reports: 900, route: '/a' }),
      finding('img-src', 'https://evil.example', { clients: 18, days: 9, route: '/b' }),
      finding('img-src', 'https://cdn.example', { clients: 10, days: 9, bySeveral: true }),
    ]
    const { directives, sources } = suggest(found, { believesOne: false })
    expect(directives).toEqual({ 'img-src': ["'self'", 'data:', 'https://cdn.example'] })
    expect(sources).toMatchObject([
      { source: 'https://evil.example', byOneClient: true },
      { source: 'https://cdn.example', byOneClient: false },
    ])
    expect(suggest(found).directives['img-src']).toContain('https://evil.example')
  })

  it('says how many days, reports, clients and routes it rests on', () => {
    const cdn = 'https://cdn.example'
    const { sources, ...rest } = suggest([
      finding('img-src', cdn, {
        reports: 7,
        clients: 4,
        days: 3,
        route: '/a',
        firstAt: at - 9,
        bySeveral: true,
      }),
      finding('img-src', cdn, { reports: 2, clients: 2, days: 5, route: '/b', lastAt: at + 9 }),
      finding('font-src', 'https://fonts.example', { reports: 1 }),
    ])
    expect(rest).toMatchObject({ reports: 10, days: 5, firstAt: at - 9, lastAt: at + 9 })
    expect(sources).toEqual([
      {
        directive: 'img-src',
        source: cdn,
        reports: 9,
        clients: 6,
        byOneClient: false,
        routes: ['/a', '/b'],
      },
      {
        ...{ directive: 'font-src', source: 'https://fonts.example', reports: 1, clients: 1 },
        ...{ byOneClient: true, routes: ['/page'] },
      },
    ])
  })
})
