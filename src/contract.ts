import { z } from 'zod'

/** Requests and answers of Holdfast's own API, shared by server, documentation and clients. */

const text = (max: number) => z.string().max(max)

/** A password of any length arrives here; the policy answers with reasons and suggestions. */
const password = z.string().min(1).max(4_096)
const opaque = z.string().min(1).max(200)

export const transport = z.enum(['cookie', 'body', 'session'])

export const registerBody = z.strictObject({
  email: text(320),
  password,
  username: text(64).optional(),
  displayName: text(100).optional(),
  companyName: text(200).optional(),
  metadata: z.record(text(64), z.unknown()).optional(),
})

export const accepted = z.strictObject({ status: z.literal('accepted') })

export const verifyEmailBody = z.strictObject({
  token: opaque,
  username: text(64).optional(),
  password: password.optional(),
})

export const verified = z.strictObject({ status: z.literal('verified') })

export const resendBody = z.strictObject({ email: text(320) })

export const loginBody = z.strictObject({
  identifier: text(320).optional(),
  email: text(320).optional(),
  username: text(320).optional(),
  password,
  /** Looked at only after the password; whatever is no code is a wrong one. */
  mfaCode: z.string().optional(),
  captcha: text(8_192).optional(),
  transport: transport.default('cookie'),
})

/** What a browser needs to solve a CAPTCHA. */
export const captchaChallenge = z.discriminatedUnion('provider', [
  z.strictObject({
    provider: z.literal('altcha'),
    algorithm: z.literal('SHA-256'),
    challenge: z.string(),
    maxnumber: z.number().int(),
    salt: z.string(),
    signature: z.string(),
  }),
  z.strictObject({
    provider: z.enum(['turnstile', 'hcaptcha', 'recaptcha']),
    siteKey: z.string(),
  }),
])

export const user = z.strictObject({
  id: z.string(),
  email: z.string(),
  username: z.string().nullable(),
  displayName: z.string().nullable(),
  companyName: z.string().nullable(),
  roles: z.array(z.string()),
  permissions: z.array(z.string()),
})

export const signedIn = z.strictObject({
  status: z.literal('signed_in'),
  user,
  sessionId: z.string(),
  csrfToken: z.string(),
  tokenType: z.literal('Bearer').optional(),
  accessToken: z.string().optional(),
  expiresIn: z.number().int().optional(),
  refreshToken: z.string().optional(),
  /** By when a second factor is to be set up; absent where nothing is to be done. Epoch milliseconds. */
  mfaRequiredBy: z.number().int().optional(),
})

export const loginAnswer = z.discriminatedUnion('status', [
  signedIn,
  z.strictObject({
    status: z.literal('mfa_required'),
    flow: z.string(),
    methods: z.array(z.enum(['totp', 'recovery_code', 'passkey'])),
    /** What can be enrolled, where policy demands a second factor and there is none yet. */
    enrol: z.array(z.enum(['totp', 'passkey'])).optional(),
    expiresIn: z.number().int(),
  }),
  z.strictObject({ status: z.literal('verification_required') }),
  z.strictObject({
    status: z.literal('challenge_required'),
    challenge: captchaChallenge,
  }),
])

/** Native clients send the token; browsers send nothing, their cookie carries it. */
export const refreshBody = z.strictObject({ refreshToken: opaque.optional() }).optional()

export const refreshed = z.strictObject({
  tokenType: z.literal('Bearer'),
  accessToken: z.string(),
  expiresIn: z.number().int(),
  csrfToken: z.string(),
  refreshToken: z.string().optional(),
})

export const logoutBody = z.strictObject({ refreshToken: opaque.optional() }).optional()

export const me = z.strictObject({
  user,
  sessionId: z.string(),
  csrfToken: z.string(),
  /** Authenticator assurance level of this session. */
  level: z.number().int(),
})

export const session = z.strictObject({
  id: z.string(),
  current: z.boolean(),
  transport,
  createdAt: z.number().int(),
  authTime: z.number().int(),
  lastActivityAt: z.number().int(),
  expiresAt: z.number().int(),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  factors: z.array(z.string()),
  level: z.number().int(),
})

export const sessionList = z.strictObject({ sessions: z.array(session) })

export const sessionsEnded = z.strictObject({ ended: z.number().int() })

export const idParams = z.strictObject({ id: z.string().min(1).max(64) })

export const roleParams = z.strictObject({
  id: z.string().min(1).max(64),
  role: z.string().min(1).max(64),
})

export const grantBody = z.strictObject({
  role: text(64),
  /** Epoch milliseconds. */
  expiresAt: z.number().int().positive().optional(),
  reason: text(500).optional(),
})

const address = text(320)
const reason = text(500).optional()
/** Epoch milliseconds. */
const instant = z.number().int().positive()

export const forgotBody = z.strictObject({ email: address })

export const resetBody = z.strictObject({ token: opaque, password })

export const changePasswordBody = z.strictObject({ currentPassword: password, password })

export const changeEmailBody = z.strictObject({ email: address, currentPassword: password })

export const tokenBody = z.strictObject({ token: opaque })

/** Answer of a change that is done. */
export const done = z.strictObject({ status: z.literal('done') })

/** With the new refresh token of transport `body`; the one before is dead. */
export const passwordChanged = done.extend({ refreshToken: z.string().optional() })

export const reproofBody = z.strictObject({ currentPassword: password })

export const steppedUp = z.strictObject({
  status: z.literal('stepped_up'),
  /** Epoch milliseconds of this proof. */
  authTime: z.number().int(),
  level: z.number().int(),
  /** Absent for transport `session`, which gets a new cookie. */
  accessToken: z.string().optional(),
  expiresIn: z.number().int().optional(),
  /** The new one of transport `body`; the one before is dead. */
  refreshToken: z.string().optional(),
})

/** What is kept of an account, for its owner. */
export const accountExport = z.looseObject({
  exportedAt: z.number().int(),
  account: z.record(z.string(), z.unknown()),
  roles: z.array(z.string()),
  sessions: z.array(z.record(z.string(), z.unknown())),
  devices: z.array(z.record(z.string(), z.unknown())),
  /** Which second factors there are; nothing that could prove one. */
  factors: z.record(z.string(), z.unknown()),
  records: z.array(z.record(z.string(), z.unknown())),
})

export const passwordCheckBody = z.strictObject({
  password,
  email: address.optional(),
  username: text(64).optional(),
  displayName: text(100).optional(),
  companyName: text(200).optional(),
})

export const passwordCheckAnswer = z.strictObject({
  ok: z.boolean(),
  /** 0 (first guesses) to 4 (out of reach); 0 when the form of the password is refused. */
  score: z.number().int(),
  reasons: z.array(
    z.strictObject({ code: z.string(), detail: z.string(), suggestion: z.string() }),
  ),
})

export const device = z.strictObject({
  id: z.string(),
  current: z.boolean(),
  userAgent: z.string().nullable(),
  ip: z.string().nullable(),
  firstSeenAt: z.number().int(),
  lastSeenAt: z.number().int(),
  /** Until then it is not asked for a second factor; null when it always is. */
  trustedUntil: z.number().int().nullable(),
})

export const deviceList = z.strictObject({ devices: z.array(device) })

export const accountQuery = z.strictObject({
  /** Part of an address, a username or a name. */
  search: text(100).optional(),
  status: z.enum(['pending', 'active', 'locked', 'disabled']).optional(),
  role: text(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** `next` of the page before. */
  after: text(200).optional(),
})

/** With a password the account is ready; without one an invitation is mailed. */
export const createAccountBody = z.strictObject({
  email: address,
  password: password.optional(),
  username: text(64).optional(),
  displayName: text(100).optional(),
  companyName: text(200).optional(),
  roles: z.array(text(64)).max(20).optional(),
  /** Whose account it is, by id or short name, where organisations have accounts of their own. */
  organisation: text(64).optional(),
  reason,
})

/** Why it is done, for the record: blanks are no reason. */
const givenReason = z.string().trim().min(1).max(500)

export const reasonBody = z.strictObject({ reason: givenReason })

export const lockBody = z.strictObject({
  reason: givenReason,
  /** Without it the lock stays until somebody opens it. */
  until: instant.optional(),
})

export const health = z.strictObject({ status: z.enum(['ok', 'unavailable']) })

export const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  error: z.string(),
  errors: z
    .array(z.strictObject({ pointer: z.string(), code: z.string(), detail: z.string() }))
    .optional(),
  retryAfter: z.number().int().optional(),
  requestId: z.string().optional(),
})
