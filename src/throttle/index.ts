export { type GuessesRefused, type LaneKind, throttleEvents } from './events.ts'
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
export {
  type GrantedGuess,
  type Guess,
  type Lane,
  type Reservation,
  Throttle,
  type ThrottleParts,
  type ThrottleRules,
  type ThrottleState,
} from './throttle.ts'
