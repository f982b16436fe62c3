import { captchaChallenge } from '../contract.ts'
import { type Route, route } from '../http/index.ts'
import type { Captcha } from '../ports/index.ts'

export interface CaptchaRouteParts {
  /** Undefined where none is asked for; then there is no route. */
  readonly captcha: Captcha | undefined
  /** Prefix of the authentication API. */
  readonly path: string
}

/** A challenge before anybody asks for one, so that a form can be solved while it is filled in. */
export function captchaRoutes({ captcha, path }: CaptchaRouteParts): readonly Route[] {
  if (!captcha) return []
  return [
    route({
      method: 'GET',
      path: `${path}/captcha`,
      summary: 'A new CAPTCHA challenge, bound to no account',
      policy: { kind: 'public' },
      responses: { 200: { description: 'The challenge', schema: captchaChallenge } },
      handle: async () => ({
        status: 200,
        headers: { 'cache-control': 'no-store' },
        json: await captcha.challenge(),
      }),
    }),
  ]
}
