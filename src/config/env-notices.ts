import { editDistance } from '../errors/index.ts'
import { type Environment, type EnvVariable, envSections } from './env-table.ts'

/** Something about the environment that the operator should know, though nothing is wrong with it. */
export interface EnvNotice {
  readonly variable: string
  readonly message: string
}

const variables: readonly EnvVariable[] = envSections.flatMap((section) => section.variables)

/** Names that people write by habit from other products, and what they are called here. */
const otherNames: Readonly<Record<string, string>> = Object.freeze({
  APP_URL: 'BASE_URL',
  CORS_ALLOWED_ORIGINS: 'CORS_ORIGIN',
  DB_DATABASE: 'DB_NAME',
  DB_PASS: 'DB_PASSWORD',
  DB_URL: 'DATABASE_URL',
  DB_USERNAME: 'DB_USER',
  HOLDFAST_MASTER_KEY: 'MASTER_ENCRYPTION_KEY',
  MASTER_KEY: 'MASTER_ENCRYPTION_KEY',
  SMTP_FROM: 'MAIL_FROM',
  SMTP_PASS: 'SMTP_PASSWORD',
  SMTP_USERNAME: 'SMTP_USER',
  TRUSTED_PROXY: 'TRUSTED_PROXIES',
  TRUST_PROXY: 'TRUSTED_PROXIES',
})

/**
 * Variables that are not used yet, no longer used, or named nearly like one of ours that is not set.
 * The environment is full of names of other programs, so only names that are close to a long one
 * count: `HOST` and `PORT` have too many neighbours.
 */
export function noticesOf(env: Environment): EnvNotice[] {
  const isSet = (name: string) => Boolean(env[name]?.trim())
  return Object.keys(env)
    .filter(isSet)
    .flatMap((variable) => {
      const message = noticeOf(variable, isSet)
      return message === undefined ? [] : [{ variable, message }]
    })
}

function noticeOf(name: string, isSet: (name: string) => boolean): string | undefined {
  const known = variables.find((variable) => variable.name === name)
  if (known?.retired) return `is no longer used, because ${known.retired}. Remove it.`
  if (known?.comesWith) return `is not used yet. It comes with ${known.comesWith}.`
  const meant = known ? undefined : meantBy(name)
  if (meant === undefined || isSet(meant)) return undefined
  return `is not known. Did you mean ${meant}?`
}

/** The variable that `name` is another name of, or within two slips of the keyboard. */
function meantBy(name: string): string | undefined {
  if (Object.hasOwn(otherNames, name)) return otherNames[name]
  const inUse = variables.filter(({ comesWith, retired }) => !comesWith && !retired)
  return inUse.find((variable) => isNear(name, variable.name))?.name
}

/**
 * A digit is no slip: `DATABASE_URL_2` is the second database of somebody. Nor is another first
 * letter: `PGPASSWORD` is libpq's.
 */
function isNear(written: string, own: string): boolean {
  const [a, b] = [plain(written), plain(own)]
  if (b.length < 6 || a[0] !== b[0] || /\d/.test(a) || Math.abs(a.length - b.length) > 2)
    return false
  return editDistance(a, b) <= (b.length < 10 ? 1 : 2)
}

function plain(name: string): string {
  return name.toUpperCase().replaceAll(/[-_]/g, '')
}
