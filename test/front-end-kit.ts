import { readFileSync } from 'node:fs'
import type { SoftwareAuthenticator } from './passkeys/authenticator.ts'

const guide = readFileSync(
  new URL('../docs/guides/sign-in-from-your-front-end.md', import.meta.url),
  'utf8',
)
const block = (start: string) =>
  new RegExp(`\`\`\`js\\n(${start}.*?)\`\`\``, 's').exec(guide)?.[1] ?? ''

/** The functions that sign-in-from-your-front-end.md gives away, as one script. */
export const frontEndCode = [
  block('let accessToken'),
  block('let proving'),
  block('async function waysToProve').replace(/^const payslips.*$/m, ''),
].join('\n')

type Json = Readonly<Record<string, unknown>>
type Call = (path: string, init?: Json) => Promise<Response>

/** What a front end of the guide has. */
export interface FrontEnd {
  readonly api: Call
  readonly send: Call
  keep(answer: unknown): void
  refresh(): Promise<void>
  askForProof(problem: unknown): Promise<unknown>
  withProof(ask: () => Promise<Response>, how: (problem: Json) => unknown): Promise<Response>
}

export interface FrontEndOptions {
  /** Origin of the server under test. */
  readonly base: string
  /** Sends what a browser sends and keeps cookies, unless it is a native client. */
  readonly native?: boolean
  readonly showProofForm?: (ways: readonly string[]) => Promise<{ method: string; typed?: string }>
  readonly key?: SoftwareAuthenticator
  /** Hears of each request before it leaves. */
  readonly onCall?: (path: string) => void
  /** More of a guide's code, and the names that it makes. */
  readonly more?: { readonly code: string; readonly names: readonly string[] }
}

const page = 'http://localhost:3000'

/** The guide's code as one client runs it. */
export function frontEnd<T = FrontEnd>(options: FrontEndOptions): T {
  const { key, more, showProofForm } = options
  const names = 'api send keep refresh askForProof withProof'.split(' ')
  const given = {
    fetch: fetching(options),
    showProofForm,
    PublicKeyCredential: { parseRequestOptionsFromJSON: (one: unknown) => one },
    navigator: {
      credentials: {
        get: async (one: { publicKey: unknown }) => ({
          toJSON: () => key?.get(one.publicKey, page),
        }),
      },
    },
  }
  const all = [...names, ...(more?.names ?? [])].join(', ')
  const code = `${frontEndCode}\n${more?.code ?? ''}\nreturn { ${all} }`
  return new Function(...Object.keys(given), code)(...Object.values(given))
}

function fetching({ base, native = false, onCall }: FrontEndOptions) {
  const jar = new Map<string, string>()
  return async (path: string, init: RequestInit = {}) => {
    onCall?.(path)
    const headers = new Headers(init.headers)
    if (!native) {
      headers.set('origin', page)
      headers.set('sec-fetch-site', 'same-origin')
      if (jar.size > 0) headers.set('cookie', [...jar].map((pair) => pair.join('=')).join('; '))
    }
    const answer = await fetch(base + path, { ...init, headers })
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';')[0]?.split(/=(.*)/s) ?? []
      if (/; Max-Age=0/.test(line)) jar.delete(name)
      else if (!native) jar.set(name, value)
    }
    return answer
  }
}
