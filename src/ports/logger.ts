/** Weight of a log line, lightest first. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Structured fields of a log line. Values of sensitive names are replaced before they are written. */
export type LogFields = Readonly<Record<string, unknown>>

/** Where log lines go. `fields` may hold an error under `error`; secrets are the caller's to leave out. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

const sensitiveNames = [
  /pass(word|phrase)?$|secret|token|authorization|cookie|api[-_]?key|masterkey|credential/i,
  /^code$|^hash$|pepper|csrf/i,
  // Second factors. How many recovery codes are left is no secret.
  /(mfa|otp|recovery)[-_]?codes?$|otpauth|manual[-_]?entry|^qr[-_]?(code|svg)$|^flow$/i,
]
const bearerLike = /(bearer\s+)[\w.~+/=-]+/gi
// An API key, whole or cut short. Its public part stays: it tells which key was meant.
const apiKey = /(hf_[a-z][a-z0-9]{0,11}_[0-9A-Za-z]{16}_)[0-9A-Za-z]+/g
const compactJwt = /\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g
const longOpaque = /(?<![\w-])[A-Za-z0-9_-]{43}(?![\w-])/g
const otpauthAddress = /\botpauth(:|%3a)\S*/gi
// In one piece, or in groups of four as it is typed in.
const base32Secret = /(?<![\w-])(?:[A-Z2-7]{32}|(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})(?![\w-])/g
const recoveryCode = /(?<![\w-])(?=[\d-]*[A-Z])[\dA-HJKMNP-TV-Z]{5}-[\dA-HJKMNP-TV-Z]{5}(?![\w-])/g
const urlPassword = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@]+@/gi

/** Replaces what looks like a credential inside free text. */
export function redactText(text: string): string {
  return text
    .replace(apiKey, '$1[redacted]')
    .replace(bearerLike, '$1[redacted]')
    .replace(compactJwt, '[redacted]')
    .replace(longOpaque, '[redacted]')
    .replace(otpauthAddress, 'otpauth:[redacted]')
    .replace(base32Secret, '[redacted]')
    .replace(recoveryCode, '[redacted]')
    .replace(urlPassword, '$1[redacted]@')
}

/** A copy of `value` that is safe to write down: named secrets gone, depth and length bounded. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value.slice(0, 4_000))
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Error) return redactError(value, depth)
  if (typeof value !== 'object' || value === null) return value
  if (depth > 5) return '[deep]'
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redact(item, depth + 1))
  const copy: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    copy[key] = isSensitive(key) ? '[redacted]' : redact(item, depth + 1)
  }
  return copy
}

function isSensitive(name: string): boolean {
  return sensitiveNames.some((pattern) => pattern.test(name))
}

function redactError(error: Error, depth: number): unknown {
  return {
    name: error.name,
    message: redactText(error.message),
    ...('code' in error ? { code: redact(error.code, depth + 1) } : {}),
    stack: redactText(error.stack ?? ''),
    ...(error.cause === undefined || depth > 3 ? {} : { cause: redact(error.cause, depth + 1) }),
  }
}

/** What `jsonLogger` writes, when and where. */
export interface JsonLoggerOptions {
  readonly level: LogLevel
  readonly now: () => number
  /** Receives one line without its line end. Default: standard error. */
  readonly write?: (line: string) => void
}

/** JSON lines, one an event; line breaks inside values are escaped, so a value cannot forge a line. */
export function jsonLogger(options: JsonLoggerOptions): Logger {
  const write = options.write ?? ((line: string) => void process.stderr.write(`${line}\n`))
  const log = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (ranks[level] < ranks[options.level]) return
    const time = new Date(options.now()).toISOString()
    const line = { time, level, message: redactText(message) }
    write(JSON.stringify(fields ? { ...line, ...(redact(fields) as object) } : line))
  }
  return Object.freeze({
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
  })
}

/** Says nothing; for tests and for apps that collect events themselves. */
export const silentLogger: Logger = Object.freeze({
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
})
