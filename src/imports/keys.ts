import { z } from 'zod'
import type { RoleBook } from '../access/index.ts'
import type { ForeignKey, KeyImports } from '../api-keys/index.ts'
import type { ImportRefusal, RefusalFacts } from './refusal.ts'

/** 2000-01-01: whoever means seconds is told. */
export const earliest = 946_684_800_000
const mostKeys = 100

/** Keys of programs, as a line lists them. */
export const keysSchema = z
  .array(
    z.strictObject({
      name: z
        .string()
        .trim()
        .min(1)
        .max(100)
        .regex(/^\P{Cc}*$/u, 'A name stands on one line'),
      sha256: z.string().regex(/^[0-9a-f]{64}$/i, 'This has to be 64 hexadecimal digits'),
      scopes: z.array(z.string().max(200)).min(1).max(100),
      expiresAt: z.number().int().min(earliest).nullish(),
    }),
  )
  .max(mostKeys)

interface KeysOfLine {
  readonly keys: readonly ForeignKey[]
  readonly emailVerified: boolean
  readonly roles: readonly string[]
}

/** The part of a refusal that keys are to blame for; undefined when they can be taken over. */
export function checkKeys(
  { emailVerified, keys, roles }: KeysOfLine,
  rules: { readonly roles: RoleBook; readonly keys: Pick<KeyImports, 'findFault'> },
): { readonly code: ImportRefusal['code']; readonly facts: RefusalFacts } | undefined {
  if (keys.length === 0) return undefined
  if (!emailVerified) return { code: 'keys_need_verified_email', facts: { field: 'apiKeys' } }
  const fault = rules.keys.findFault(keys, rules.roles.permissionsOf(roles))
  if (!fault) return undefined
  const { code, detail, path } = fault
  const field = path === '' ? 'apiKeys' : `apiKeys/${path}`
  return { code, facts: { field, ...(detail === undefined ? {} : { detail }) } }
}

/** Keys as the line says them. */
export function keysOf(given: z.infer<typeof keysSchema> | null | undefined): ForeignKey[] {
  return (given ?? []).map(({ expiresAt, name, scopes, sha256 }) => ({
    ...{ name, scopes, sha256 },
    ...(expiresAt == null ? {} : { expiresAt }),
  }))
}
