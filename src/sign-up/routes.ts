import { accepted, registerBody, resendBody, verified, verifyEmailBody } from '../contract.ts'
import { originOf, type Route, route } from '../http/index.ts'
import { askerOf, realmOf } from '../users/index.ts'
import type { SignUp } from './sign-up.ts'
import type { Verification } from './verification.ts'

export interface SignUpRouteParts {
  readonly signUp: SignUp
  readonly verification: Verification
  readonly path: string
}

const acceptedAnswer = { status: 202, json: { status: 'accepted' } } as const

/** Registration and the confirmation of addresses. */
export function signUpRoutes({ path, signUp, verification }: SignUpRouteParts): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: `${path}/register`,
      summary: 'Register; the answer is the same whether or not the address is known',
      policy: { kind: 'public' },
      body: registerBody,
      responses: { 202: { description: 'A mail is on its way', schema: accepted } },
      problems: [
        ...['email_invalid', 'email_unsupported', 'username_invalid', 'weak_password'],
        'registration_closed',
      ],
      handle: async ({ body, exchange }) => {
        await signUp.register(body, originOf(exchange), askerOf(exchange))
        return acceptedAnswer
      },
    }),
    route({
      method: 'POST',
      path: `${path}/verify-email`,
      summary: 'Confirm an address with the link that was mailed',
      policy: { kind: 'public' },
      body: verifyEmailBody,
      responses: { 200: { description: 'The account is active', schema: verified } },
      problems: [
        ...['link_invalid', 'username_taken', 'username_invalid', 'password_required'],
        'weak_password',
      ],
      handle: async ({ body, exchange }) => {
        const at = { origin: originOf(exchange), realm: realmOf(exchange) }
        await verification.verify({ ...body, ...at })
        return { status: 200, json: { status: 'verified' } }
      },
    }),
    route({
      method: 'POST',
      path: `${path}/verify-email/resend`,
      summary: 'Mail a new link; the answer is the same for every address',
      policy: { kind: 'public' },
      body: resendBody,
      responses: { 202: { description: 'A mail may be on its way', schema: accepted } },
      problems: ['email_invalid', 'email_unsupported'],
      handle: async ({ body, exchange }) => {
        await signUp.resend(body.email, originOf(exchange), askerOf(exchange))
        return acceptedAnswer
      },
    }),
  ]
}
