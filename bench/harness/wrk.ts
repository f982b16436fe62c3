import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { hasProgram } from './machine.ts'
import { pinned } from './server-process.ts'

/** A request as the load sends it. */
export interface LoadRequest {
  readonly method?: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface LoadResult {
  readonly requests: number
  readonly perSecond: number
  /** Answers of 400 and above. */
  readonly refused: number
  /** Connections that failed, and answers that never came. */
  readonly broken: number
  readonly p99Ms: number
}

export interface LoadOptions {
  readonly url: string
  /** File written by `writeScript`. */
  readonly script: string
  readonly connections: number
  readonly seconds: number
  readonly core?: number
}

/** What the proxy says that ends TLS before a server of `https://`. */
export const byProxy = Object.freeze({ 'x-forwarded-proto': 'https' })

/** Why no load can be made, or undefined. */
export function missingLoad(): string | undefined {
  if (hasProgram('wrk')) return undefined
  return 'wrk is missing: `apt-get install wrk` on Debian and Ubuntu, `brew install wrk` on macOS'
}

/** Writes the requests that wrk sends, one after the other and again from the start. */
export function writeScript(file: string, requests: readonly LoadRequest[]): void {
  const lines = requests.map(({ body, headers, method = 'GET', path }) => {
    const fields = Object.entries({ ...headers, ...byProxy }).map(
      ([name, value]) => `[${lua(name)}]=${lua(value)}`,
    )
    const content = body === undefined ? 'nil' : lua(body)
    return `  wrk.format(${lua(method)}, ${lua(path)}, {${fields.join(',')}}, ${content}),`
  })
  writeFileSync(file, `${script.replace('-- requests', lines.join('\n'))}`)
}

const script = `local all
local at = 0
function init()
  all = {
-- requests
  }
end
function request()
  at = at % #all + 1
  return all[at]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\\n{"requests":%d,"us":%d,"refused":%d,"broken":%d,"p99Us":%d}\\n',
    summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(99)))
end
`

/** Text as Lua reads it; JSON's escapes of printable ASCII are Lua's. */
function lua(text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new RangeError('a request of the load is plain ASCII')
  return JSON.stringify(text)
}

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { connections, core, script: file, seconds, url } = options
  const flags = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', file, url]
  const [program = '', ...rest] = pinned(core, ['wrk', ...flags])
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (part) => {
    output += part
  })
  await once(child, 'close')
  const line = output.split('\n').find((text) => text.startsWith('{"requests"'))
  if (line === undefined) throw new Error(`wrk said nothing of its result:\n${output}`)
  const { broken, p99Us, refused, requests, us } = JSON.parse(line) as Record<string, number>
  return {
    requests: requests ?? 0,
    perSecond: ((requests ?? 0) * 1e6) / (us ?? 1),
    refused: refused ?? 0,
    broken: broken ?? 0,
    p99Ms: (p99Us ?? 0) / 1_000,
  }
}
