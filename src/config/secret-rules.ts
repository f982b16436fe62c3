import type { Config } from './config.ts'
import type { Faults } from './faults.ts'
import type { Secret } from './secret.ts'
import { sameSecret } from './secrets.ts'

/** Reports secrets that serve two purposes: whoever learns one would hold both. */
export function checkReuse(config: Partial<Config>, faults: Faults): void {
  const all = secretsOf(config)
  all.forEach(([path, secret], index) => {
    const twin = all.slice(0, index).find(([, other]) => sameSecret(other, secret))
    if (twin)
      faults.add(
        path,
        `is the same as \`${twin[0]}\`. Make another with \`holdfast secrets generate\`.`,
      )
  })
}

/** Every secret of the configuration with its path. Refused ones are absent. */
function secretsOf(config: Partial<Config>): (readonly [path: string, secret: string])[] {
  const { masterKey, password, tokens, mail, database, captcha, valkey, signatures } = config
  const found: [string, string | undefined][] = [
    ['masterKey', masterKey?.reveal()],
    ['tokens.hs256Key.secret', tokens?.hs256Key?.secret?.reveal()],
    ['mail.smtpUrl (its password)', passwordIn(mail?.smtpUrl)],
    ['database.url (its password)', passwordIn(database?.url)],
    ['valkey.url (its password)', passwordIn(valkey?.url)],
    ['captcha.secret', captcha?.secret?.reveal()],
  ]
  for (const [id, secret] of Object.entries(password?.pepper?.keys ?? {})) {
    found.push([`password.pepper.keys.${id}`, secret?.reveal()])
  }
  for (const [id, key] of Object.entries(signatures?.keys ?? {})) {
    found.push([`signatures.keys.${id}.secret`, key?.secret?.reveal()])
  }
  return found.filter((entry): entry is [string, string] => entry[1] !== undefined)
}

function passwordIn(address: Secret | undefined): string | undefined {
  const text = address?.reveal() ?? ''
  const password = URL.canParse(text) ? new URL(text).password : ''
  return password === '' ? undefined : decodeLoosely(password)
}

function decodeLoosely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
