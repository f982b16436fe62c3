import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import naughty from '../../test/vectors/naughty-strings/blns.json' with { type: 'json' }
import { SecurityError, toProblem } from '../errors/index.ts'
import { limitErrors } from '../limits/index.ts'
import { renderAccount } from './account-view.ts'
import { renderChallenge } from './challenge.ts'
import { type Form, renderForm } from './form.ts'
import { html, inlineScript } from './html.ts'
import { type Frame, renderPage } from './layout.ts'
import { renderProblemPage } from './problem-page.ts'
import { durationText, refusalOf } from './refusal.ts'
import { english, fill } from './texts.ts'
import { agoText } from './times.ts'

const frame: Frame = { appName: 'Shop', texts: english, nonce: 'bm9uY2U', csrf: 'token' }

/** Elements and their attribute names, in order: what a page is made of, whatever it says. */
function skeleton(page: string): string[] {
  const markup = page.replace(/<style[^>]*>[\s\S]*?<\/style>/, '<style>')
  return (markup.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/"[^"]*"/g, '""'))
}

/** Every place of every page that shows text from outside. */
function pageOf(text: string): string {
  const form = renderForm(frame, {
    action: '/account/register',
    button: 'Go',
    fields: [
      { name: 'email', label: 'E-mail', type: 'email', autocomplete: 'email', value: text },
      { name: 'username', label: 'Name', type: 'text', autocomplete: 'username', value: text },
    ],
    hidden: { next: text },
    username: text,
    faults: [{ text }, { field: 'email', text }],
  })
  const account = renderAccount(frame, {
    ...{ path: '/account', currentId: 'none', now: 0 },
    profile: {
      ...{ id: 'id', email: `a${text}`, username: `a${text}`, displayName: `a${text}` },
      ...{ companyName: `a${text}`, roles: [`a${text}`] },
    },
    sessions: [{ id: text, ip: text, user_agent: text, auth_time: 0, last_activity_at: 0 }],
    devices: [
      {
        ...{ id: text, ip: text, user_agent: text, first_seen_at: 0, last_seen_at: 0 },
        trusted_until: 1,
      },
    ],
    factors: {
      ...{ totp: { since: 0 }, recoveryCodesLeft: 3, requiredLevel: 1, dueAt: null },
      passkeys: [{ id: text, name: text, createdAt: 0, lastUsedAt: 0, backedUp: true }],
    },
    currentDeviceId: undefined,
  })
  const challenge = renderChallenge(frame, { provider: 'turnstile', siteKey: text }, text)
  const title = `a${text}`
  const shell = { ...frame, appName: `Shop${text}`, nonce: text, csrf: text }
  return (
    renderPage(shell, { title, notice: text, content: form }) +
    renderPage(shell, { title, content: account, wide: true }) +
    renderPage(shell, { title, content: html`${challenge.intro}${challenge.field}` })
  )
}

const plain = skeleton(pageOf('plain'))

describe('text from outside', () => {
  it.each(naughty.map((text) => [text]))('makes no element and no attribute: %j', (text) => {
    expect(skeleton(pageOf(text))).toEqual(plain)
  })

  it('makes none when it is written against us either', () => {
    const piece = fc.constantFrom(
      ...['<', '>', '"', "'", '`', '&', '=', '/', ' ', '\n', '\0', '<!--', '-->', ']]>', '{email}'],
      ...['<script>', '</style>', '</title>', 'onfocus=', 'javascript:', '&quot;', '\ud800', '$&'],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        expect(skeleton(pageOf(pieces.join('')))).toEqual(plain)
      }),
      { numRuns: 300 },
    )
  })

  it('is not read as a place to fill in', () => {
    expect(fill('to {email} at {time}', { email: '{time}', time: 'x' })).toBe('to {time} at x')
    expect(fill('{constructor} {email}', {})).toBe('{constructor} {email}')
  })
})

describe('a script', () => {
  it('is written as it is, by the nonce of the response', () => {
    expect(String(inlineScript('a < b && c > "d"', 'N"'))).toBe(
      '<script nonce="N&quot;">a < b && c > "d"</script>',
    )
  })

  it.each(['</script >', '</SCRIPT>', '<!-- ', '<script>'])('cannot hold %s', (text) => {
    expect(() => inlineScript(`const x = '${text}'`, 'N')).toThrow(TypeError)
  })
})

describe('a page', () => {
  const page = renderPage(frame, { title: 'Title', content: renderForm(frame, formOf('')) })

  it('has no script, no handler and nothing from elsewhere', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\son\w+=|\ssrc=|\sstyle=|https?:/i)
  })

  it('has one heading of the first level, one main part and a language', () => {
    expect(page.match(/<h1>/g)).toHaveLength(1)
    expect(page.match(/<main /g)).toHaveLength(1)
    expect(page).toContain('<html lang="en" dir="ltr">')
  })

  it('has its style by the nonce of the response, or without a policy by none', () => {
    expect(page).toContain('<style nonce="bm9uY2U">')
    const { nonce: _, ...bare } = frame
    expect(renderPage(bare, { title: 'T', content: renderForm(bare, formOf('')) })).toContain(
      '<style>',
    )
  })

  it('that failed says so first in its title', () => {
    const content = renderForm(frame, formOf(''))
    expect(renderPage(frame, { title: 'Sign in', content, failed: true })).toContain(
      '<title>Error: Sign in - Shop</title>',
    )
  })
})

describe('a form', () => {
  const faulty = String(
    renderForm(frame, {
      ...formOf('typed'),
      faults: [
        { field: 'secret', text: 'too short' },
        { field: 'secret', text: 'too common' },
        { text: 'whole' },
      ],
    }),
  )

  it('ties every fault and hint to its field', () => {
    expect(faulty).toContain(
      'aria-invalid="true" aria-describedby="secret-fault-0 secret-fault-1 secret-hint"',
    )
    for (const id of ['secret-fault-0', 'secret-fault-1', 'secret-hint', 'secret', 'name']) {
      expect(faulty.split(`id="${id}"`)).toHaveLength(2)
    }
    expect(faulty).toContain('<label for="secret">')
  })

  it('sums its faults up, says so aloud, takes the focus and links to the fields', () => {
    const summary = faulty.slice(0, faulty.indexOf('<form'))
    expect(summary).toContain('role="alert" tabindex="-1" autofocus')
    expect(summary).toContain('<a href="#secret">Secret</a>: too short too common</li>')
    expect(summary).toContain('<p>whole</p>')
    expect(summary).not.toContain('#name')
  })

  it('never shows a password again', () => {
    const field = { name: 'secret', label: 'S', type: 'password', autocomplete: 'x' } as const
    const form = { ...formOf(''), fields: [{ ...field, value: 'hunter2' }] }
    expect(String(renderForm(frame, form))).not.toContain('hunter2')
  })

  it('carries the token of the session where there is one', () => {
    expect(faulty).toContain('<input type="hidden" name="_csrf" value="token">')
    const { csrf: _, ...anonymous } = frame
    expect(String(renderForm(anonymous, formOf('')))).not.toContain('_csrf')
  })
})

describe('a refusal', () => {
  it('tells how long to wait, in the header and in words', () => {
    const refusal = refusalOf(limitErrors.rate_limited({ retryAfter: 61 }), [], english)
    expect(refusal).toEqual({
      status: 429,
      headers: { 'cache-control': 'no-store', 'retry-after': '61' },
      faults: [{ text: 'There were too many tries. Try again in 61 seconds.' }],
    })
  })

  it('that nobody expected is not shown on a form', () => {
    const broken = new TypeError('private')
    expect(() => refusalOf(broken, [], english)).toThrow(broken)
  })

  it('of a field that the form has not is shown for the whole', () => {
    const faults = [{ pointer: '#/body/other', code: 'x', detail: 'Detail.' }]
    const error = new SecurityError('x', { status: 400, title: 'X', detail: 'x' }, { faults })
    expect(refusalOf(error, ['email'], english).faults).toEqual([{ text: 'Detail.' }])
  })

  it.each([
    [1, '1 second'],
    [90, '90 seconds'],
    [91, '2 minutes'],
    [900, '15 minutes'],
    [5_401, '2 hours'],
  ])('of %i seconds is %s, never less than it is', (seconds, text) => {
    expect(durationText(seconds, 'en')).toBe(text)
  })
})

it.each([
  [-5_000, 'now'],
  [59_999, 'now'],
  [60_000, '1 minute ago'],
  [3_599_999, '59 minutes ago'],
  [7_200_000, '2 hours ago'],
  [86_400_000, 'yesterday'],
  [10 * 86_400_000, '10 days ago'],
])('what was %i ms ago was %s', (elapsed, text) => {
  expect(agoText(elapsed, 'en')).toBe(text)
})

it('the page of a problem speaks the language of the pages where it has the words', () => {
  const page = (code: string) =>
    renderProblemPage(
      { ...toProblem(new Error('x'), 'r').body, code },
      { ...frame, language: 'de' },
    )
  expect(page('rate_limited')).toContain('<h1>Zu viele Anfragen</h1>')
  expect(page('constructor')).toContain('<h1>Internal error</h1>')
  expect(page('rate_limited')).toContain('<html lang="de" dir="ltr">')
})

it('the page of a limit says how long to wait, in plain words, and leads nowhere meanwhile', () => {
  const limited = toProblem(limitErrors.rate_limited({ retryAfter: 61 }), 'r').body
  const page = renderProblemPage(limited, { ...frame, home: '/account' })
  expect(page).toContain('<h1>Too many requests</h1>')
  expect(page).toContain('Try again in 61 seconds.')
  expect(page).not.toContain('retryAfter')
  expect(page).not.toContain('href="/account"')
})

it('the page of a problem holds its fixed words, the wait and the request, and nothing private', () => {
  const problem = toProblem(new Error('password=hunter2 at /srv/app.ts'), 'request-1').body
  const page = renderProblemPage({ ...problem, retryAfter: 5 }, { ...frame, home: '/account' })
  expect(page).toContain('<h1>Internal error</h1>')
  expect(page).toContain('Try again in 5 seconds.')
  expect(page).toContain('Request request-1')
  expect(page).toContain('<a href="/account">')
  expect(page).not.toMatch(/hunter2|srv/)
})

function formOf(value: string): Form {
  return {
    action: '/x',
    button: 'Go',
    fields: [
      { name: 'name', label: 'Name', type: 'text', autocomplete: 'username', value },
      {
        ...{ name: 'secret', label: 'Secret', type: 'password' },
        ...{ autocomplete: 'new-password', hint: 'long' },
      },
    ],
  }
}
