export { type GuessesRefused, type LaneKind, throttleEvents } from './events.ts'
export type { FactorGuess } from './factor.ts'
export type {
  GrantedGuess,
  Guess,
  Lane,
  ReauthGuess,
  Reservation,
  ThrottleState,
} from './lane.ts'
export { GuessRefusals, type GuessRefusalsOptions } from './refusals.ts'
export {
  delayAfter,
  judge,
  type LaneRefusal,
  type LaneRule,
  type LaneState,
  type LaneVerdict,
} from './rules.ts'
export { type GuessRow, throttleMigrations } from './table.ts'
export { Throttle, type ThrottleParts, type ThrottleRules } from './throttle.ts'
