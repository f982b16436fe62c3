import type { SessionCookies } from '../sessions/index.ts'
import type { SignIn } from './sign-in.ts'

export interface SignInRouteParts {
  readonly signIn: SignIn
  readonly cookies: SessionCookies
  readonly path: string
}
