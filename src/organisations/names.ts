import { commonErrors } from '../errors/index.ts'
import { isSlug } from './reference.ts'

const longestName = 200
const mostMetadata = 8_192

/** Where people sign in or ask for help, and what mail and browsers look up by themselves. */
const reserved: readonly string[] = [
  ...[
    'login',
    'log-in',
    'logout',
    'signin',
    'sign-in',
    'signup',
    'sign-up',
    'register',
    'password',
  ],
  ...['account', 'accounts', 'auth', 'oauth', 'oidc', 'saml', 'sso', 'id', 'identity', 'me', 'my'],
  ...['admin', 'administrator', 'root', 'system', 'security', 'secure', 'internal', 'api', 'app'],
  ...['www', 'web', 'portal', 'dashboard', 'console', 'home', 'blog', 'docs', 'help', 'support'],
  ...['status', 'contact', 'about', 'legal', 'billing', 'pay', 'payment', 'payments', 'shop'],
  ...['mail', 'email', 'webmail', 'smtp', 'imap', 'pop', 'pop3', 'mx', 'mta-sts', 'autoconfig'],
  ...['autodiscover', 'openpgpkey', 'postmaster', 'hostmaster', 'webmaster', 'abuse', 'noreply'],
  ...[
    'ns',
    'ns1',
    'ns2',
    'dns',
    'ftp',
    'sftp',
    'ssh',
    'vpn',
    'proxy',
    'wpad',
    'isatap',
    'localhost',
  ],
  ...[
    'static',
    'assets',
    'cdn',
    'media',
    'files',
    'download',
    'downloads',
    'dev',
    'test',
    'staging',
  ],
]

/** Throws `invalid_request` unless an organisation may be called so. */
export function checkName(name: string): void {
  const isFilled = name.trim() !== '' && !/\p{Cc}/u.test(name) && name.isWellFormed()
  if (isFilled && name.length <= longestName) return
  throw fault('name', 'name_invalid', `must be a line of 1 to ${longestName} characters.`)
}

/** Throws `invalid_request` unless this may be a short name: a label of host names. */
export function checkSlug(slug: string): void {
  if (isSlug(slug)) return
  const problem = "must be 1 to 63 small letters, digits and '-', none at an end, and no id."
  throw fault('slug', 'slug_invalid', problem)
}

/**
 * Throws `invalid_request` for a short name that, as the name of a host below the domain of the
 * installation, people and their programs would take for a part of the installation itself.
 */
export function refuseReserved(slug: string): void {
  if (!reserved.includes(slug)) return
  throw fault('slug', 'slug_reserved', 'is kept for the installation itself.')
}

/** Throws `invalid_request` for more metadata than is kept. */
export function checkMetadata(metadata: Readonly<Record<string, unknown>>): void {
  if (Buffer.byteLength(JSON.stringify(metadata)) <= mostMetadata) return
  throw fault('metadata', 'metadata_too_large', `must be at most ${mostMetadata} bytes of JSON.`)
}

function fault(field: string, code: string, problem: string) {
  return commonErrors.invalid_request({
    faults: [{ pointer: `#/body/${field}`, code, detail: `This ${problem}` }],
    explanation: `${field} ${problem}`,
  })
}
