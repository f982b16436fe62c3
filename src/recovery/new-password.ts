import { type PasswordPolicy, passwordWords, refuseWeak } from '../passwords/index.ts'
import type { UserRow } from '../users/index.ts'

type Named = Pick<UserRow, 'email_canonical' | 'username' | 'display_name' | 'company_name'>

/** Throws `weak_password` unless the policy takes a new password of this account. */
export async function checkNewPassword(
  { appName, policy }: { readonly appName: string; readonly policy: PasswordPolicy },
  user: Named,
  password: string,
): Promise<void> {
  const { company_name, display_name, email_canonical, username } = user
  const words = passwordWords([appName, email_canonical, username, display_name, company_name])
  refuseWeak(await policy.check(password, words))
}
