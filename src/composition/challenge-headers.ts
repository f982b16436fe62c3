import { captchaWidgets } from '../captcha/index.ts'
import type { Config } from '../config/index.ts'
import { compileHeaders } from '../shield/index.ts'

/**
 * The Content-Security-Policy of the page that shows a third party's challenge: the one of all pages,
 * opened for that party alone. Undefined where the challenge is our own or there is no policy.
 */
export function challengeHeaders(
  config: Config,
): ((nonce: string) => Readonly<Record<string, string>>) | undefined {
  const { provider } = config.captcha
  const policy = config.headers.contentSecurityPolicy
  if (provider === 'altcha' || provider === 'none' || policy === false) return undefined
  const directives = { ...policy.directives, ...captchaWidgets[provider].contentSources }
  const headers = { ...config.headers, contentSecurityPolicy: { ...policy, directives } }
  const compiled = compileHeaders(headers, { reportsTo: config.paths.csp })
  const secure = config.baseUrl.startsWith('https:')
  return (nonce) => {
    const facts = { secure, authenticated: false, page: true, nonce: () => nonce }
    const [name = '', value = ''] = compiled.forResponse(facts)
    return { [name]: value }
  }
}
