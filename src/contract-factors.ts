import { z } from 'zod'
import { done, signedIn, transport } from './contract.ts'

/** Requests and answers about second factors, passkeys and fresh proofs. */

/** Of any length up to the limit of bodies: whatever is no code is a wrong one, and counted. */
const code = z.string()
const flow = z.string().min(1).max(200)
const name = z.string().min(1).max(100)
const instant = z.number().int()

/** What `navigator.credentials` gave, as `PublicKeyCredential.toJSON()` writes it; verified by the room. */
export const credential = z.record(z.string(), z.unknown())

/** Options for `navigator.credentials`, as `parseCreationOptionsFromJSON` and its kin read them. */
export const ceremony = z.strictObject({ options: z.record(z.string(), z.unknown()) })

export const factorMethod = z.enum(['totp', 'recovery_code', 'passkey'])

/** The second step of a sign-in. */
export const loginMfaBody = z.strictObject({
  flow,
  method: factorMethod,
  code: code.optional(),
  response: credential.optional(),
  /** Spare this browser the second factor for a while, where that is allowed. */
  trustDevice: z.boolean().optional(),
})

export const flowBody = z.strictObject({ flow })

export const passkeySignInBody = z.strictObject({
  response: credential,
  transport: transport.default('cookie'),
})

export const totpSetup = z.strictObject({
  /** Base32, RFC 4648. */
  secret: z.string(),
  /** The secret in groups of four. */
  manualEntry: z.string(),
  otpauthUrl: z.string(),
  /** `data:` address of an SVG. */
  qrCode: z.string(),
  qrSvg: z.string(),
})

/** `again`: the secret that waits for its first code once more, not a new one. */
export const setupBody = z.strictObject({ again: z.boolean().optional() }).optional()

export const codeBody = z.strictObject({ code })

/** What a session goes on with after a change of second factors. */
const goesOn = {
  /** A token that says what the session has proven. Absent for transport `session`, which gets a new cookie. */
  accessToken: z.string().optional(),
  /** Seconds that it lives. */
  expiresIn: z.number().int().optional(),
  /** The new one of transport `body`; the one before is dead. */
  refreshToken: z.string().optional(),
}

export const totpEnabled = z.strictObject({
  success: z.literal(true),
  /** Shown this once. Absent where codes of before are left. */
  recoveryCodes: z.array(z.string()).optional(),
  ...goesOn,
})

/** A second factor was taken away. */
export const factorRemoved = done.extend(goesOn)

/** The last step of an enrolment at sign-in: the factor is there, and so is the session. */
export const enrolledAndSignedIn = signedIn.extend({
  recoveryCodes: z.array(z.string()).optional(),
})

export const enrolSetupBody = z.strictObject({ flow, again: z.boolean().optional() })

export const enrolTotpBody = z.strictObject({ flow, code })

export const enrolPasskeyBody = z.strictObject({
  flow,
  response: credential,
  name: name.optional(),
})

export const recoveryCodes = z.strictObject({ recoveryCodes: z.array(z.string()), ...goesOn })

export const passkey = z.strictObject({
  id: z.string(),
  name: z.string(),
  createdAt: instant,
  lastUsedAt: instant.nullable(),
  /** Synced between devices. */
  backedUp: z.boolean(),
})

export const passkeyList = z.strictObject({ passkeys: z.array(passkey) })

export const factorsAnswer = z.strictObject({
  /** Since when codes of an authenticator app are asked for. */
  totp: z.strictObject({ since: instant }).nullable(),
  recoveryCodesLeft: z.number().int(),
  passkeys: z.array(passkey),
  /** Level that policy demands of this account, whatever time to comply is left. */
  requiredLevel: z.number().int(),
  /** When the time to comply ends; null where none runs. */
  dueAt: instant.nullable(),
})

export const registerPasskeyBody = z.strictObject({
  response: credential,
  name: name.optional(),
})

export const passkeyRegistered = z.strictObject({
  passkey,
  /** Shown this once. Absent where codes of before are left. */
  recoveryCodes: z.array(z.string()).optional(),
  ...goesOn,
})

export const passkeyNameBody = z.strictObject({ name })

const proofNames = ['currentPassword', 'code', 'response'] as const
const proofFields = {
  password: 'currentPassword',
  totp: 'code',
  recovery_code: 'code',
  passkey: 'response',
} as const

/** A fresh proof: the password, or a second factor where one is enrolled. */
export const stepUpBody = z
  .strictObject({
    method: z.enum(['password', 'totp', 'recovery_code', 'passkey']).default('password'),
    currentPassword: z.string().min(1).max(4_096).optional(),
    code: code.optional(),
    response: credential.optional(),
  })
  .superRefine((body, { addIssue }) => {
    const needed = proofFields[body.method]
    for (const name of proofNames) {
      if ((body[name] !== undefined) === (name === needed)) continue
      const message =
        body.method === 'password' && name !== needed
          ? `Say by "method" what ${name} proves: totp, recovery_code or passkey`
          : `${needed} goes with method ${body.method}, and nothing else does`
      addIssue({ code: 'custom', path: [name], message })
    }
  })

/** Second factors of an account, as administrators see them: never what could prove one. */
export const accountFactors = z.strictObject({
  userId: z.string(),
  totp: z.strictObject({ since: instant }).nullable(),
  recoveryCodesLeft: z.number().int(),
  passkeys: z.array(passkey),
  /** Whatever time to comply is left. */
  requiredLevel: z.number().int(),
  dueAt: instant.nullable(),
  /** A reset that waits for a second administrator. */
  pendingReset: z
    .strictObject({ requestedBy: z.string(), reason: z.string(), expiresAt: instant })
    .nullable(),
})

export const factorResetAnswer = z.discriminatedUnion('status', [
  done,
  z.strictObject({ status: z.literal('awaiting_second_administrator'), expiresAt: instant }),
])
