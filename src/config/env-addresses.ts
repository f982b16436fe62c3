import type { Faults } from './faults.ts'

type Lookup = (name: string) => string | undefined

/** The address made of DB_HOST and its kin, or undefined when none of them is set. */
export function databaseUrlFrom(set: Lookup, faults: Faults): string | undefined {
  const parts = ['DB_HOST', 'DB_PORT', 'DB_NAME', 'DB_USER', 'DB_PASSWORD']
  if (!stands(parts, 'DATABASE_URL', { set, faults })) return undefined
  for (const needed of ['DB_HOST', 'DB_NAME', 'DB_USER']) {
    if (set(needed) === undefined) faults.add(needed, 'is missing beside the other DB_ variables.')
  }
  const url = address({ scheme: 'postgres', prefix: 'DB', defaultPort: '5432', set, faults })
  return `${url}/${encodeURIComponent(set('DB_NAME') ?? '')}`
}

/** The address made of SMTP_HOST and its kin, or undefined when none of them is set. */
export function smtpUrlFrom(set: Lookup, faults: Faults): string | undefined {
  const parts = ['SMTP_HOST', 'SMTP_PORT', 'SMTP_USER', 'SMTP_PASSWORD']
  if (!stands(parts, 'SMTP_URL', { set, faults })) return undefined
  if (set('SMTP_HOST') === undefined)
    faults.add('SMTP_HOST', 'is missing beside the other SMTP_ variables.')
  const scheme = set('SMTP_PORT') === '465' ? 'smtps' : 'smtp'
  return address({ scheme, prefix: 'SMTP', defaultPort: '587', set, faults })
}

/** The address made of REDIS_HOST and its kin, or undefined when none of them is set. */
export function valkeyUrlFrom(set: Lookup, faults: Faults): string | undefined {
  const parts = ['REDIS_HOST', 'REDIS_PORT', 'REDIS_USER', 'REDIS_PASSWORD']
  if (!stands(parts, 'REDIS_URL', { set, faults })) return undefined
  if (set('REDIS_HOST') === undefined)
    faults.add('REDIS_HOST', 'is missing beside the other REDIS_ variables.')
  return address({ scheme: 'redis', prefix: 'REDIS', defaultPort: '6379', set, faults })
}

interface Source {
  readonly set: Lookup
  readonly faults: Faults
}

/** Whether any of `parts` is set; setting the whole address as well is a contradiction. */
function stands(parts: readonly string[], whole: string, { set, faults }: Source): boolean {
  const given = parts.filter((name) => set(name) !== undefined)
  if (given.length > 0 && set(whole) !== undefined) {
    faults.add(given[0] ?? whole, `contradicts ${whole}. Set one or the other.`)
  }
  return given.length > 0
}

interface AddressParts extends Source {
  readonly scheme: string
  readonly prefix: 'DB' | 'SMTP' | 'REDIS'
  readonly defaultPort: string
}

function address({ scheme, prefix, defaultPort, set, faults }: AddressParts): string {
  const host = set(`${prefix}_HOST`) ?? ''
  const port = set(`${prefix}_PORT`) ?? defaultPort
  const named = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  if (!URL.canParse(`x://${named}`) || /[/?#@]/.test(host)) {
    faults.add(`${prefix}_HOST`, 'must be a host name or address alone.')
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    faults.add(`${prefix}_PORT`, 'must be a whole number from 1 to 65535.')
  }
  return `${scheme}://${credentials(set, prefix)}${named}:${port}`
}

function credentials(set: Lookup, prefix: string): string {
  const user = encodeURIComponent(set(`${prefix}_USER`) ?? '')
  const password = set(`${prefix}_PASSWORD`)
  if (user === '' && password === undefined) return ''
  return `${user}${password === undefined ? '' : `:${encodeURIComponent(password)}`}@`
}
