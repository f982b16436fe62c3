import type { Kit } from '../adapters/site.ts'

/** Delivers what waits and takes the token of the newest invitation to an address, whatever else was mailed. */
export async function invitationToken(kit: Kit, email: string): Promise<string> {
  await kit.deliverMail()
  const found = kit.mailbox
    .list(email)
    .flatMap(({ text }) => /\/invitation\?token=([\w-]+)/.exec(text)?.[1] ?? [])
  const token = found.at(-1)
  if (token === undefined) throw new Error(`no invitation was mailed to ${email}`)
  return token
}
