import { passwordCheckAnswer, passwordCheckBody } from '../contract.ts'
import { clientKeyOf, type Route, route } from '../http/index.ts'
import { PasswordCheck, type PasswordCheckParts } from './password-check.ts'

export interface PasswordRouteParts extends PasswordCheckParts {
  readonly path: string
}

/** What a form asks while somebody chooses a password. */
export function passwordRoutes({ path, ...parts }: PasswordRouteParts): readonly Route[] {
  const check = new PasswordCheck(parts)
  return [
    route({
      method: 'POST',
      path: `${path}/password/check`,
      summary: 'Judge a password before it is set; tells nothing about accounts',
      policy: { kind: 'public' },
      body: passwordCheckBody,
      responses: {
        200: {
          description: 'Whether it would be accepted, why not, how',
          schema: passwordCheckAnswer,
        },
      },
      handle: async ({ body, exchange }) => {
        const verdict = await check.judge(body, clientKeyOf(exchange))
        const { ok, score } = verdict
        return {
          status: 200,
          json: { ok, score, reasons: verdict.ok ? [] : verdict.reasons },
          headers: { 'cache-control': 'no-store' },
        }
      },
    }),
  ]
}
