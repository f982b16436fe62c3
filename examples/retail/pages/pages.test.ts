import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { InventoryReport } from '../report.ts'
import { assignPage } from './assign-page.ts'
import { html } from './html.ts'
import { reportPage, unassignedPage } from './report-page.ts'

const HOSTILE = `"><script>alert('1')</script>&amp;`
const ENCODED = '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;'

function reportWith(name: string, turnover: number | null): InventoryReport {
  const figures = {
    days: 30,
    costOfGoodsSoldCents: 6220,
    averageInventoryCents: 4825,
    turnover,
    daysOfInventory: 69.8,
    reason: turnover === null ? ('zero_stock' as const) : null,
  }
  const period = { from: '2026-01-01', to: '2026-01-30' }
  const store = { storeId: 'S', name, city: name, ...period, ...figures }
  return {
    company: { id: 'one', name },
    requested: period,
    period,
    stores: [store],
    total: figures,
  }
}

const manager = { roles: ['manager'] }

describe('text is encoded where it is put out', () => {
  test('any text comes back from text and quoted attributes as it went in', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const markup = html`<p title="${text}">${[text]}</p>`.toString()
        const [, attribute = '', content = ''] =
          /^<p title="([^"]*)">([^<]*)<\/p>$/s.exec(markup) ?? []
        expect(decoded(attribute)).toBe(text)
        expect(decoded(content)).toBe(text)
      }),
    )
  })

  test('false, null and undefined put out nothing; zero does', () => {
    expect(html`a${false}${null}${undefined}${0}`.toString()).toBe('a0')
  })

  test('in the report and its chart', () => {
    const choices = [{ id: HOSTILE, name: HOSTILE }]
    const report = reportWith(HOSTILE, 1.2891)
    const page = reportPage({ viewer: manager, report, choices, chosen: HOSTILE })
    expect(page).not.toContain('<script')
    expect(page).toContain(ENCODED)
  })

  test('in the form of administrators', () => {
    const page = assignPage({
      viewer: { roles: ['admin'], csrfToken: HOSTILE },
      form: { email: HOSTILE, role: HOSTILE, company: HOSTILE, store: HOSTILE },
      faults: [HOSTILE],
      saved: undefined,
      roles: [HOSTILE],
      companies: [{ companyId: HOSTILE, name: HOSTILE }],
      stores: [{ storeId: HOSTILE, name: HOSTILE, city: HOSTILE, companyId: HOSTILE }],
      members: [
        {
          userId: 'u',
          email: HOSTILE,
          companyId: HOSTILE,
          storeId: HOSTILE,
          since: 0,
        },
      ],
    })
    expect(page).not.toContain('<script')
    expect(page).toContain(ENCODED)
  })
})

describe('pages', () => {
  test('use no inline style, no script and nothing from elsewhere', () => {
    const report = reportWith("O'Brien & Sons", 1.2891)
    const page = reportPage({ viewer: manager, report, choices: [], chosen: undefined })
    expect(page).not.toMatch(/style=|<style|<script|\son\w+=|https?:\/\//)
    expect(page).toContain('O&#39;Brien &amp; Sons')
    expect(page).toContain('1.29')
    expect(page).toContain('€62.20')
  })

  test('say why a figure is missing and draw no bar for it', () => {
    const report = reportWith('Empty', null)
    const page = reportPage({ viewer: manager, report, choices: [], chosen: undefined })
    expect(page).toContain('there was no stock')
    expect(page).not.toContain('<svg')
  })

  test('tell people without a company what to do', () => {
    const page = unassignedPage({ roles: ['user'] }, 'no_company')
    expect(page).toContain('No company has been given to you yet')
    expect(page).toContain('Ask an administrator')
  })

  test('offer the form to administrators only', () => {
    expect(unassignedPage({ roles: ['super_admin'] }, 'no_company')).toContain('href="/assign"')
    expect(unassignedPage({ roles: ['manager'] }, 'no_company')).not.toContain('href="/assign"')
  })
})

function decoded(markup: string): string {
  const signs: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' }
  return markup.replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => signs[name] ?? '')
}
