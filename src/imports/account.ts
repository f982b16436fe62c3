import { z } from 'zod'
import type { RoleBook } from '../access/index.ts'
import type { ForeignKey, KeyImports } from '../api-keys/index.ts'
import { canonicalEmail, canonicalUsername, type PasswordHasher } from '../crypto/index.ts'
import { decodeBase32 } from '../factors/index.ts'
import { bodyErrors, issueText, readJson, type SchemaIssue } from '../http/index.ts'
import { checkKeys, earliest, keysOf, keysSchema } from './keys.ts'
import { type ImportRefusal, type RefusalFacts, refusal, refusalTexts } from './refusal.ts'

/** An account as a line says it, checked. */
export interface ImportedAccount {
  readonly email: string
  readonly emailCanonical: string
  readonly emailVerified: boolean
  readonly username: string | null
  readonly usernameCanonical: string | null
  readonly displayName: string | null
  readonly companyName: string | null
  readonly passwordHash: string | null
  /** What the authenticator app of its owner holds already. */
  readonly totpSecret: Uint8Array | undefined
  /** Keys of programs that act for its owner. */
  readonly apiKeys: readonly ForeignKey[]
  readonly roles: readonly string[]
  /** JSON text. */
  readonly metadata: string
  /** Epoch milliseconds; undefined: the instant of the import. */
  readonly createdAt: number | undefined
  readonly disabled: boolean
}

export interface AccountRules {
  readonly roles: RoleBook
  readonly hasher: PasswordHasher
  readonly keys: Pick<KeyImports, 'findFault'>
  readonly defaultRole: string
  /** Name under which `id` is kept in the metadata; without it the id is not kept. */
  readonly keepIdAs: string | undefined
  readonly now: number
}

const longestMetadata = 8_192
/** Bytes of a secret: 80 bits are what the oldest apps were given, and HMAC-SHA-1 hashes more than 64. */
const secretBytes = { least: 10, most: 64 } as const

/** What a line may hold. A field that is null counts as left out. */
const lineSchema = z.strictObject({
  email: z.string().max(320),
  emailVerified: z.boolean(),
  username: z.string().max(64).nullish(),
  displayName: z.string().max(100).nullish(),
  companyName: z.string().max(200).nullish(),
  passwordHash: z.string().min(1).max(500).nullish(),
  roles: z.array(z.string().max(64)).max(32).nullish(),
  metadata: z.record(z.string().max(64), z.unknown()).nullish(),
  createdAt: z.number().int().min(earliest).nullish(),
  disabled: z.boolean().nullish(),
  id: z.union([z.string().max(200), z.number().int()]).nullish(),
  totpSecret: z.string().max(200).nullish(),
  apiKeys: keysSchema.nullish(),
})

type Line = z.infer<typeof lineSchema>
type Read = { readonly account: ImportedAccount } | { readonly refusal: ImportRefusal }
type Refuse = (
  code: ImportRefusal['code'],
  facts?: RefusalFacts,
) => { readonly refusal: ImportRefusal }

/** Reads and checks one line. Nothing is hashed and nothing is asked of the database. */
export function readAccount(bytes: Buffer, number: number, rules: AccountRules): Read {
  const refuse: Refuse = (code, facts) => ({ refusal: refusal(number, code, facts) })
  const json = readJson(bytes)
  if (!json.ok) {
    const { detail } = bodyErrors[json.code]()
    return refuse('line_invalid', { detail: detail.replaceAll('body', 'line') })
  }
  const parsed = lineSchema.safeParse(json.value)
  if (parsed.success) return checkLine(parsed.data, rules, refuse)
  return refuseShape(parsed.error.issues, json.value, refuse)
}

/** A misspelt field says more than the one that it leaves missing, so it is named first. */
function refuseShape(issues: readonly SchemaIssue[], value: unknown, refuse: Refuse) {
  const misspelt = issues.find(({ code }) => code === 'unrecognized_keys')
  const unknown = misspelt?.keys?.[0]
  const other = issues.find(({ code, path }) => code !== 'unrecognized_keys' && path.length > 0)
  const field = (other?.path ?? []).map(String).join('/').slice(0, 100)
  const detail = other && issueText(other, value)
  if (unknown !== undefined) {
    const also = detail === undefined || !/^\w+$/.test(field) ? '' : ` And ${field}: ${detail}`
    const place = [...(misspelt?.path ?? []), unknown.slice(0, 64)].map(String).join('/')
    const facts = { field: place, detail: `${refusalTexts.unknown_field}${also}` }
    return refuse('unknown_field', facts)
  }
  return detail === undefined ? refuse('line_invalid') : refuse('field_invalid', { field, detail })
}

function checkLine(line: Line, rules: AccountRules, refuse: Refuse): Read {
  const email = canonicalEmail(line.email)
  if (!email.ok) return refuse(email.code, { field: 'email' })
  const name = line.username == null ? undefined : canonicalUsername(line.username)
  if (name && !name.ok) return refuse(name.code, { field: 'username' })
  if (line.createdAt != null && line.createdAt > rules.now) {
    return refuse('field_invalid', { field: 'createdAt', detail: 'This instant is to come.' })
  }
  const metadata = metadataOf(line, rules.keepIdAs)
  if (metadata === undefined) {
    return refuse('field_invalid', { field: 'metadata', detail: 'It is longer than 8 KB.' })
  }
  return (
    checkHash(line, rules, refuse) ??
    checkFactor(line, refuse) ??
    checkRoles(line, rules, refuse) ??
    refuseKeys(line, rules, refuse) ?? {
      account: {
        email: email.address,
        emailCanonical: email.canonical,
        emailVerified: line.emailVerified,
        username: name?.username ?? null,
        usernameCanonical: name?.canonical ?? null,
        displayName: line.displayName || null,
        companyName: line.companyName || null,
        passwordHash: line.passwordHash ?? null,
        totpSecret: secretOf(line),
        apiKeys: keysOf(line.apiKeys),
        roles: rolesOf(line, rules),
        metadata,
        createdAt: line.createdAt ?? undefined,
        disabled: line.disabled ?? false,
      },
    }
  )
}

function rolesOf({ roles }: Line, { defaultRole }: AccountRules): readonly string[] {
  return [...new Set(roles ?? [defaultRole])]
}

/** A line with a key that cannot be taken over is refused: its program would stop working unnoticed. */
function refuseKeys(line: Line, rules: AccountRules, refuse: Refuse) {
  const { apiKeys, emailVerified } = line
  const given = { keys: keysOf(apiKeys), emailVerified, roles: rolesOf(line, rules) }
  const fault = checkKeys(given, rules)
  return fault && refuse(fault.code, fault.facts)
}

function checkHash({ passwordHash }: Line, { hasher }: AccountRules, refuse: Refuse) {
  if (passwordHash == null) return undefined
  const verdict = hasher.judge(passwordHash)
  if (verdict === 'usable') return undefined
  const code = verdict === 'unknown' ? 'hash_unknown' : 'hash_too_costly'
  return refuse(code, { field: 'passwordHash' })
}

/** A line whose secret cannot be read is refused: without it the password alone would open the account. */
function checkFactor(line: Line, refuse: Refuse) {
  if (line.totpSecret == null) return undefined
  if (!secretOf(line)) {
    const detail = 'This is no secret of 10 to 64 bytes in Base32.'
    return refuse('field_invalid', { field: 'totpSecret', detail })
  }
  if (line.emailVerified) return undefined
  return refuse('factor_needs_verified_email', { field: 'totpSecret' })
}

function secretOf({ totpSecret }: Line): Uint8Array | undefined {
  const bytes = totpSecret == null ? undefined : decodeBase32(totpSecret)
  const fits = bytes && bytes.length >= secretBytes.least && bytes.length <= secretBytes.most
  return fits ? bytes : undefined
}

function checkRoles(line: Line, { defaultRole, roles }: AccountRules, refuse: Refuse) {
  const named = line.roles ?? []
  const unknown = named.findIndex((role) => !roles.has(role))
  if (unknown !== -1) {
    const detail = `There is no such role. The roles are ${roles.names.join(', ')}.`
    return refuse('role_unknown', { field: `roles/${unknown}`, detail })
  }
  if (line.emailVerified || named.every((role) => role === defaultRole)) return undefined
  return refuse('roles_need_verified_email', { field: 'roles' })
}

function metadataOf({ id, metadata }: Line, keepIdAs: string | undefined): string | undefined {
  const kept = keepIdAs === undefined || id == null ? {} : { [keepIdAs]: String(id) }
  const text = JSON.stringify({ ...metadata, ...kept })
  return Buffer.byteLength(text) <= longestMetadata ? text : undefined
}
