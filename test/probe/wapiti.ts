import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProbedApp } from './probed-app.ts'
import { runTool } from './run-tool.ts'
import type { ToolResult } from './tool-result.ts'

/** Those that need no other host: `ssrf` and `xxe` would have an endpoint of their makers called. */
const modules = [
  ...['backup', 'blindsql', 'cookieflags', 'crlf', 'csp', 'exec', 'file', 'htaccess'],
  ...['http_headers', 'methods', 'permanentxss', 'redirect', 'shellshock', 'sql', 'xss'],
]

/** What it reports about every site like ours, and why it stays. */
const accepted: readonly (readonly [mark: string, reason: string])[] = [
  [
    'X-XSS-Protection is not set',
    'it is set, to 0: the filter it switched on is gone, and could be turned against the page',
  ],
  [
    'Strict-Transport-Security is not set',
    'browsers ignore it on plain HTTP (RFC 6797, section 8.1), and it is sent on HTTPS',
  ],
]

interface Report {
  readonly vulnerabilities: Record<string, readonly Entry[]>
  readonly anomalies: Record<string, readonly Entry[]>
  readonly infos: { readonly crawled_pages?: number }
}

interface Entry {
  readonly method: string
  readonly path: string
  readonly info: string
}

/** Crawls the app's pages as somebody who is signed in, and attacks what it finds. */
export async function probeWithWapiti(app: ProbedApp): Promise<ToolResult> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-wapiti-'))
  try {
    const file = join(folder, 'report.json')
    const { output, timedOut } = await runTool('wapiti', words(app, folder, file), 1_200)
    const voids = timedOut ? ['not done in twenty minutes'] : []
    const report = readReport(file)
    if (!report) return { ...asked(), findings: [], voids: [...voids, output.slice(-300)] }
    const findings = [report.vulnerabilities, report.anomalies].flatMap((group) =>
      Object.entries(group).flatMap(([name, entries]) => entries.map((entry) => tell(name, entry))),
    )
    return { ...asked(), ...sorted([...new Set(findings)]), voids }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function sorted(all: readonly string[]) {
  const reasonFor = (finding: string) => accepted.find(([mark]) => finding.includes(mark))?.[1]
  return {
    findings: all.filter((finding) => reasonFor(finding) === undefined),
    accepted: all.flatMap((finding) => {
      const reason = reasonFor(finding)
      return reason === undefined ? [] : [`${finding}: ${reason}`]
    }),
  }
}

function asked() {
  return { tool: 'wapiti', asked: `${modules.length} kinds of attack` }
}

function words(app: ProbedApp, folder: string, file: string): string[] {
  const pages = app.pages.map((page) => `${app.origin}${page}`)
  const urls = [...pages, ...app.targets.filter(isGet).map((target) => app.origin + plain(target))]
  return [
    ...['--url', `${app.origin}/`, ...urls.flatMap((url) => ['--start', url])],
    ...['--module', modules.join(','), '--header', `Authorization: Bearer ${app.token}`],
    ...['--scope', 'domain', '--depth', '4', '--max-scan-time', '600', '--max-attack-time', '120'],
    ...['--flush-session', '--store-session', folder, '--no-bugreport'],
    ...['--format', 'json', '--output', file],
  ]
}

function isGet({ method }: ProbedApp['targets'][number]): boolean {
  return method === 'GET'
}

function plain({ path }: ProbedApp['targets'][number]): string {
  return path.replaceAll('*', '')
}

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return undefined
  }
}

function tell(name: string, { info, method, path }: Entry): string {
  return `${name}: ${method} ${path.slice(0, 100)}: ${info.slice(0, 200)}`
}
