export { BoundedLines } from './bounded-lines.ts'
export type { Captcha } from './captcha.ts'
export { type Clock, systemClock, type Timer } from './clock.ts'
export {
  type JsonLoggerOptions,
  jsonLogger,
  type LogFields,
  type Logger,
  type LogLevel,
  redact,
  redactText,
  silentLogger,
} from './logger.ts'
export type { Mailer, OutgoingMail } from './mailer.ts'
export { pooledRandom, type Random, systemRandom, uuidv7 } from './random.ts'
